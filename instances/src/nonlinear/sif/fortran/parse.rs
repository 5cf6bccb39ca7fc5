//! From Fortran text to formulas, by recursive descent with a limit on its depth.

use fathom_opt_problems::expression::{Binary, Unary};

use super::formula::{Formula, Operation};
use super::intrinsic::{Operator, Returns, extremum, intrinsic};
use super::kind::Kind;
use super::literals::Literals;
use super::scope::Scope;
use super::token::{Token, tokens};

/// How deep parentheses and signs may be nested.
const MAX_DEPTH: usize = 200;

/// What was found and what was expected.
pub(in crate::nonlinear::sif) type Mismatch = (String, String);

/// The formula that `text` describes.
///
/// # Errors
/// What was found and what was expected: no expression, a name that was not declared, an external function.
pub(in crate::nonlinear::sif) fn parse(text: &str, scope: &Scope) -> Result<Formula, Mismatch> {
    let tokens = tokens(text).map_err(|found| (found, "a Fortran expression".to_owned()))?;
    let mut parser = Parser { tokens, at: 0, depth: 0, scope, operations: Vec::new() };
    let kind = parser.equivalence()?;
    if parser.at < parser.tokens.len() {
        return Err(parser.unexpected("an operator or the end of the expression"));
    }
    Ok(Formula { operations: parser.operations, kind })
}

struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    scope: &'a Scope,
    operations: Vec<Operation>,
}

impl Parser<'_> {
    fn sign(&self) -> Option<&'static str> {
        match self.tokens.get(self.at) {
            Some(Token::Sign(sign)) => Some(sign),
            _ => None,
        }
    }

    fn take(&mut self, wanted: &[&str]) -> Option<&'static str> {
        let sign = self.sign().filter(|sign| wanted.contains(sign))?;
        self.at += 1;
        Some(sign)
    }

    fn unexpected(&self, expected: &str) -> Mismatch {
        let found = match self.tokens.get(self.at) {
            None => "the end of the expression".into(),
            Some(Token::Number(value, _)) => format!("`{value}`"),
            Some(Token::Name(name)) => format!("`{name}`"),
            Some(Token::Sign(sign)) => format!("`{sign}`"),
        };
        (found, expected.to_owned())
    }

    fn push(&mut self, op: Binary) {
        self.operations.push(Operation::Binary(op));
    }

    /// An arithmetic operator whose result is of this kind: constants of single precision are computed at once, in single precision.
    fn arithmetic(&mut self, op: Binary, kind: Kind) {
        if kind == Kind::Single
            && let [.., Operation::Number(a), Operation::Number(b)] = self.operations[..]
        {
            let value = match op {
                Binary::Add => Some(a + b),
                Binary::Sub => Some(a - b),
                Binary::Mul => Some(a * b),
                Binary::Div => Some(a / b),
                Binary::Pow => Some(a.powf(b)),
                _ => None,
            };
            if let Some(value) = value {
                // Rounding a result of double precision once more gives the result of single precision for these operators.
                self.operations.truncate(self.operations.len() - 2);
                self.operations.push(Operation::Number(single(value)));
                return;
            }
        }
        self.push(op);
    }

    /// A minus sign; a number just takes it.
    fn negate(&mut self) {
        match self.operations.last_mut() {
            Some(Operation::Number(value)) => *value = -*value,
            _ => self.operations.push(Operation::Unary(Unary::Neg)),
        }
    }

    fn logical(kind: Kind, what: &str) -> Result<(), Mismatch> {
        if kind == Kind::Logical { Ok(()) } else { Err((format!("a number beside {what}"), "a logical value".into())) }
    }

    fn equivalence(&mut self) -> Result<Kind, Mismatch> {
        let mut kind = self.disjunction()?;
        while let Some(word) = self.take(&["EQV", "NEQV", "XOR"]) {
            Self::logical(kind, word)?;
            Self::logical(self.disjunction()?, word)?;
            self.push(if word == "EQV" { Binary::Equal } else { Binary::NotEqual });
            kind = Kind::Logical;
        }
        Ok(kind)
    }

    fn disjunction(&mut self) -> Result<Kind, Mismatch> {
        let kind = self.conjunction()?;
        while self.take(&["OR"]).is_some() {
            Self::logical(kind, ".OR.")?;
            Self::logical(self.conjunction()?, ".OR.")?;
            self.push(Binary::Or);
        }
        Ok(kind)
    }

    fn conjunction(&mut self) -> Result<Kind, Mismatch> {
        let kind = self.negation()?;
        while self.take(&["AND"]).is_some() {
            Self::logical(kind, ".AND.")?;
            Self::logical(self.negation()?, ".AND.")?;
            self.push(Binary::And);
        }
        Ok(kind)
    }

    fn negation(&mut self) -> Result<Kind, Mismatch> {
        let mut negations = 0;
        while self.take(&["NOT"]).is_some() {
            negations += 1;
        }
        let kind = self.relation()?;
        if negations > 0 {
            Self::logical(kind, ".NOT.")?;
        }
        self.operations.extend(std::iter::repeat_n(Operation::Unary(Unary::Not), negations));
        Ok(kind)
    }

    fn relation(&mut self) -> Result<Kind, Mismatch> {
        let kind = self.sum()?;
        let Some(word) = self.take(&["GT", "GE", "LT", "LE", "EQ", "NE", "==", "/=", "<=", ">=", "<", ">"]) else {
            return Ok(kind);
        };
        self.sum()?;
        self.push(match word {
            "GT" | ">" => Binary::Greater,
            "GE" | ">=" => Binary::GreaterEqual,
            "LT" | "<" => Binary::Less,
            "LE" | "<=" => Binary::LessEqual,
            "EQ" | "==" => Binary::Equal,
            _ => Binary::NotEqual,
        });
        Ok(Kind::Logical)
    }

    fn sum(&mut self) -> Result<Kind, Mismatch> {
        let negative = self.take(&["+", "-"]) == Some("-");
        let mut kind = self.product()?;
        if negative {
            self.negate();
        }
        while let Some(sign) = self.take(&["+", "-"]) {
            kind = wider(kind, self.product()?);
            self.arithmetic(if sign == "+" { Binary::Add } else { Binary::Sub }, kind);
        }
        Ok(kind)
    }

    fn product(&mut self) -> Result<Kind, Mismatch> {
        let mut kind = self.power()?;
        while let Some(sign) = self.take(&["*", "/"]) {
            let right = self.power()?;
            let integer = kind == Kind::Integer && right == Kind::Integer;
            kind = wider(kind, right);
            let op = match sign {
                "*" => Binary::Mul,
                _ if integer => Binary::IntDiv,
                _ => Binary::Div,
            };
            self.arithmetic(op, kind);
        }
        Ok(kind)
    }

    fn power(&mut self) -> Result<Kind, Mismatch> {
        let kind = self.primary()?;
        if self.take(&["**"]).is_none() {
            return Ok(kind);
        }
        self.deeper()?;
        let negative = self.take(&["+", "-"]) == Some("-");
        let right = self.power()?;
        if negative {
            self.negate();
        }
        self.depth -= 1;
        self.arithmetic(Binary::Pow, wider(kind, right));
        if kind == Kind::Integer && right == Kind::Integer {
            // An integer to a negative power is cut to an integer as any quotient of integers is.
            self.operations.push(Operation::Unary(Unary::Trunc));
        }
        Ok(wider(kind, right))
    }

    fn deeper(&mut self) -> Result<(), Mismatch> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(("deeper nesting".into(), format!("nesting at most {MAX_DEPTH} deep"))) } else { Ok(()) }
    }

    fn primary(&mut self) -> Result<Kind, Mismatch> {
        match self.tokens.get(self.at).cloned() {
            Some(Token::Number(value, kind)) => {
                self.at += 1;
                let kind = if kind == Kind::Single && self.scope.literals() == Literals::Double { Kind::Real } else { kind };
                self.operations.push(Operation::Number(if kind == Kind::Single { single(value) } else { value }));
                Ok(kind)
            }
            Some(Token::Sign("(")) => {
                self.at += 1;
                self.deeper()?;
                let kind = self.equivalence()?;
                self.depth -= 1;
                if self.take(&[")"]).is_none() {
                    return Err(self.unexpected("`)`"));
                }
                Ok(kind)
            }
            Some(Token::Sign(word @ ("TRUE" | "FALSE"))) => {
                self.at += 1;
                self.operations.push(Operation::Number(f64::from(u8::from(word == "TRUE"))));
                Ok(Kind::Logical)
            }
            // A sign after an operator is beyond the standard, and compilers accept it.
            Some(Token::Sign(sign @ ("-" | "+"))) => {
                self.at += 1;
                self.deeper()?;
                let kind = self.power()?;
                self.depth -= 1;
                if sign == "-" {
                    self.negate();
                }
                Ok(kind)
            }
            Some(Token::Name(name)) => {
                let called = self.tokens.get(self.at + 1) == Some(&Token::Sign("("));
                let position = self.scope.position(&name);
                if position.is_some_and(|position| self.scope.kind(position) == Kind::Array) {
                    return Err((format!("the array `{name}`"), "single values (arrays belong to external functions)".into()));
                }
                if let Some(position) = position.filter(|_| !called) {
                    self.at += 1;
                    self.operations.push(Operation::Load(position));
                    return Ok(self.scope.kind(position));
                }
                if called { self.call(&name) } else { Err(self.unexpected("a number, a declared name, a function or `(`")) }
            }
            _ => Err(self.unexpected("a number, a declared name, a function or `(`")),
        }
    }

    /// A call of a function whose code stands behind the parts of the file.
    fn external(&mut self, name: &str) -> Result<Kind, Mismatch> {
        let procedure = match self.scope.code(name) {
            Some(Ok(procedure)) => procedure.clone(),
            Some(Err(fault)) => return Err((format!("the external function `{name}` ({fault})"), "code that is an expression".into())),
            None => return Err((format!("the external function `{name}`"), "its code behind the parts of the file".into())),
        };
        self.at += 2;
        self.deeper()?;
        let mut are_values = Vec::new();
        loop {
            let array = match self.tokens.get(self.at) {
                Some(Token::Name(argument)) => self.scope.position(argument).is_some_and(|at| self.scope.kind(at) == Kind::Array),
                _ => false,
            };
            if array {
                self.at += 1;
            } else {
                self.equivalence()?;
            }
            are_values.push(!array);
            if self.take(&[","]).is_none() {
                break;
            }
        }
        self.depth -= 1;
        if self.take(&[")"]).is_none() {
            return Err(self.unexpected("`,` or `)`"));
        }
        self.operations.push(Operation::External(procedure, are_values));
        Ok(Kind::Real)
    }

    fn call(&mut self, name: &str) -> Result<Kind, Mismatch> {
        if self.scope.is_external(name) {
            return self.external(name);
        }
        self.at += 2;
        self.deeper()?;
        let mut kinds = vec![self.equivalence()?];
        // `MIN` and `MAX` take any number of arguments; they are joined as they come.
        let join = extremum(name);
        while self.take(&[","]).is_some() {
            kinds.push(self.equivalence()?);
            if let Some(op) = join {
                self.push(op);
            }
        }
        self.depth -= 1;
        if self.take(&[")"]).is_none() {
            return Err(self.unexpected("`,` or `)`"));
        }
        let kind = kinds.iter().copied().fold(Kind::Integer, wider);
        if join.is_some() && kinds.len() > 1 {
            return Ok(kind);
        }
        let intrinsic =
            intrinsic(name).ok_or_else(|| (format!("`{name}(`"), "a Fortran function without arrays: SIN, EXP, MAX, ...".to_owned()))?;
        let (count, op, result) = intrinsic;
        if kinds.len() != count {
            return Err((format!("{} arguments of `{name}`", kinds.len()), format!("{count}")));
        }
        self.operations.extend(op.map(|op| match op {
            Operator::Unary(op) => Operation::Unary(op),
            Operator::Binary(op) => Operation::Binary(op),
        }));
        Ok(match result {
            Returns::Same => kind,
            Returns::Kind(kind) => kind,
        })
    }
}

/// `value` in single precision.
fn single(value: f64) -> f64 {
    #[allow(clippy::cast_possible_truncation)] // Losing digits is what it is for.
    let narrow = value as f32;
    f64::from(narrow)
}

fn wider(a: Kind, b: Kind) -> Kind {
    match (a, b) {
        (Kind::Integer, Kind::Integer) => Kind::Integer,
        (Kind::Single, Kind::Single | Kind::Integer) | (Kind::Integer, Kind::Single) => Kind::Single,
        (Kind::Logical, _) | (_, Kind::Logical) => Kind::Logical,
        _ => Kind::Real,
    }
}

#[cfg(test)]
mod tests {
    use fathom_opt_problems::expression::{Evaluator, Function, Functions, Graph};

    use super::*;

    fn value(text: &str) -> f64 {
        let mut scope = Scope::default();
        scope.declare("X", Kind::Real);
        scope.declare("K", Kind::Integer);
        let formula = parse(text, &scope).unwrap();
        let mut graph = Graph::new();
        let values = [Some(graph.variable(0)), Some(graph.constant(7.0))];
        let root = formula.write(&mut graph, &values).unwrap();
        let function = Function { nonlinear: Some(root), ..Function::default() };
        let mut out = [0.0];
        Evaluator::new(&Functions::compile(1, &graph, &[&function], &[])).values(0, &[3.0], &mut out).unwrap();
        out[0]
    }

    #[test]
    fn fortran_binds_and_divides_as_fortran_does() {
        for (text, expected) in [
            ("-X**2", -9.0),
            ("2**3**2", 512.0),
            ("K/2", 3.0),
            ("K/2.0", 3.5),
            ("1/2*X", 0.0),
            ("1.0D+01*x", 30.0),
            ("0.1", 0.1_f32.into()),
            ("0.1D0", 0.1),
            ("1.0/3.0", (1.0_f32 / 3.0).into()),
            ("1.0/3.0D0", 1.0 / 3.0),
            ("MAX(1, K, 3) + MIN(X, 2.5E0)", 9.5),
            ("SIGN(2.0, -X) + MOD(K, 4) + INT(2.9)", 3.0),
            ("DSQRT(X*X) + DABS(-1.D0)", 4.0),
            ("X*-2.0", -6.0),
            ("2**(-1)", 0.0),
            ("2.0**(-1)", 0.5),
        ] {
            assert_eq!(value(text), expected, "{text}");
        }
        assert_eq!(value("X.GT.2.0.AND..NOT.K.EQ.1"), 1.0);
    }

    #[test]
    fn faults_say_what_was_found() {
        let scope = Scope::default();
        for (text, found) in
            [("Y", "`Y`"), ("1 +", "the end of the expression"), ("(1", "the end of the expression"), ("F(1)", "`F(`"), ("1 ? 2", "`?`")]
        {
            assert_eq!(parse(text, &scope).unwrap_err().0, found, "{text}");
        }
        let (found, expected) = parse(&"(".repeat(1000), &scope).unwrap_err();
        assert_eq!((found.as_str(), expected.as_str()), ("deeper nesting", "nesting at most 200 deep"));
    }
}
