"""What first_allowed.py answers, in all the ways in which a stranger's program may lie or fail: misbehaving.py WAY INSTANCE SOLUTION"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

way, instance, target = sys.argv[1:4]
honest = pathlib.Path(__file__).with_name("first_allowed.py")
subprocess.run([sys.executable, honest, instance, target], check=True)
with open(target) as file:
    answer = json.load(file)
with open(instance) as file:
    problem = json.load(file)


def sleeper():
    time.sleep(600)
    os._exit(0)


if way == "status":
    answer["status"] = "optimal"
    if problem["problem"] == "linear-sequence":
        answer["solution"]["x"][0]["values"][0] += 1.0
elif way == "objective":
    answer["objective"] = 123456.0
elif way == "infeasible":
    answer = {"fathom": 1, "status": "infeasible"}
elif way == "bound":
    least = problem["problem"] in ("linear-sequence", "dag-learning", "nonlinear")
    answer["bound"] = 1e6 if least else -1e6
elif way == "unknown-status":
    answer["status"] = "perfect"
elif way == "nan":
    answer["objective"] = float("nan")
elif way == "other-instance":
    answer["instance"] = {"name": "another", "sha256": "0" * 64}
elif way == "garbage":
    pathlib.Path(target).write_bytes(b"\x00\xff{[,")
    sys.exit()
elif way == "nothing":
    os.remove(target)
    sys.exit()
elif way == "pipe":
    os.remove(target)
    os.mkfifo(target)
    sys.exit()
elif way == "hang":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sleeper()
elif way == "crash":
    os.kill(os.getpid(), signal.SIGSEGV)
elif way == "exit":
    sys.exit(7)
elif way == "huge-file":
    with open(target, "r+b") as file:
        file.truncate(2 << 30)
elif way == "huge-output":
    block = b"incumbent or not, " * 60000
    for _ in range((2 << 30) // len(block)):
        os.write(1, block)
elif way == "forks":
    for _ in range(20):
        if os.fork() == 0:
            sleeper()
elif way == "orphans":
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            sleeper()
        os._exit(0)
elif way == "memory":
    hoard = [bytearray(1 << 24) for _ in range(1000)]
elif way == "course":
    print("incumbent - 5", "incumbent 1e6 4", "incumbent 2 3 4", sep="\n", flush=True)
with open(target, "w") as file:
    json.dump(answer, file)
