//! External functions become expressions, or are refused with the line at fault.

use fathom_opt_problems::expression::{Evaluator, Function, Functions, Graph};

use super::execute::{Argument, execute};
use super::literals::Literals;
use super::procedure::procedures;
use crate::nonlinear::fault::Fault;

/// The value of the first function in `code` at 3 and 0.5.
fn value(code: &str) -> Result<f64, Fault> {
    let (_, procedure) = procedures(code, 1, Literals::Fortran).remove(0);
    let mut graph = Graph::new();
    let arguments = [Argument::Value(graph.variable(0)), Argument::Value(graph.variable(1)), Argument::Array];
    let root = execute(&procedure?, &arguments, &mut graph)?;
    let function = Function { nonlinear: Some(root), ..Function::default() };
    let mut out = [0.0];
    Evaluator::new(&Functions::compile(2, &graph, &[&function], &[])).values(0, &[3.0, 0.5], &mut out).unwrap();
    Ok(out[0])
}

fn function(body: &str) -> String {
    let declarations = "      DOUBLE PRECISION X, Y, G( 2 ), A( 3 ), B( 2, 2 )\n      INTEGER N, I, J\n      PARAMETER ( N = 3 )\n";
    format!(
        "C  a comment\n      DOUBLE PRECISION FUNCTION F( X, Y,\n     *                            G )\n{declarations}{body}      RETURN\n      END\n"
    )
}

#[test]
fn loops_branches_and_arrays_become_expressions() {
    for (body, expected) in [
        ("      F = X * Y ** 2\n", 0.75),
        (
            "      DATA A / 1.0D0, -2.0D0, 4.0D0 /\n      F = 0.0D0\n      DO 10 I = 1, N\n         F = F + A( I ) * X ** ( I - 1 )\n   10 CONTINUE\n",
            31.0,
        ),
        (
            "      F = 0.0D0\n      DO 20 I = N, 1, -1\n      DO 20 J = I, 2\n        IF ( I .NE. J ) F = F + X\n        IF ( I .EQ. J ) THEN\n          F = F + 10.0D0\n        ELSE IF ( J .GT. 5 ) THEN\n          F = 0.0D0\n        ELSE\n          F = F - Y\n        END IF\n   20 CONTINUE\n",
            22.5,
        ),
        (
            "      B( 2, 1 ) = X\n      B( 1, 2 ) = Y\n      G( 1 ) = 7.0D0\n      F = - B( 2, 1 ) ** 2 + MAX( B( 1, 2 ), 0.25D0 ) - SIN( 0.0D0 )\n",
            -8.5,
        ),
        ("      I = 7 / 2 + MOD( 7, 4 )\n      F = I * X\n      IF ( I .EQ. 6 ) RETURN\n      F = 0.0\n", 18.0),
    ] {
        assert_eq!(value(&function(body)).unwrap(), expected, "{body}");
    }
}

#[test]
fn code_that_is_no_expression_is_refused_with_its_line() {
    for (body, message) in [
        ("      IF ( X .GT. 1.0D0 ) F = X\n", "line 7: found a branch that depends on a varying number in an external function"),
        ("   10 F = X\n      GO TO 10\n", "line 8: found `GOTO10` in an external function"),
        ("      F = A( 4 )\n", "line 7: found the index 4 of `A`"),
        ("      F = A( 1 )\n", "line 7: found `A`, which has no value here"),
        ("      F = A\n", "line 7: found 0 indices of `A`"),
        ("      I = X\n", "line 7: found an integer that varies"),
        ("      DO 10 I = 1, 2000000000\n   10 CONTINUE\n      F = X\n", "more steps"),
        ("      DO 10 I = 1, 2\n      F = X\n", "found a loop or a branch without an end"),
        ("      END IF\n", "line 7: found `ENDIF`"),
        ("      F = FOO( X )\n", "line 7: found `FOO(` with 1 arguments"),
        ("      F = X *\n", "line 7: found the end of the expression"),
        ("      WRITE( 6, 10 ) X\n", "line 7: found `WRITE(6,10)X`"),
        ("      A( 1 ) = X\n", "found the external function `F` without a value"),
    ] {
        let fault = value(&function(body)).unwrap_err().to_string();
        assert!(fault.contains(message), "{body}\n{fault}\n{message}");
    }
}
