"""Functions that solve fair division, each with another form of answer."""


def field(data):
    return {"owner": [0 for _ in data["utilities"][0]]}


def array(data):
    return [0 for _ in data["utilities"][0]]


def document(data, run):
    return {"status": "feasible", "objective": 8.0, "solution": field(data), "counters": {"iterations": run.seed}}


def told(data, run):
    run.incumbent(1.0, bound=20)
    return array(data)


def failing(data):
    raise ValueError("nobody is perfect")


def nothing(data):
    return None
