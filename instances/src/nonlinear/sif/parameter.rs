//! Parameters of SIF files: integers and reals with names, computed by cards, and the names that they index.

use std::collections::{BTreeMap, HashMap};

use super::card::Card;
use crate::nonlinear::fault::Fault;

/// The parameters known so far.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    integers: HashMap<String, i64>,
    reals: HashMap<String, f64>,
    /// Values that the user gives to parameters marked `$-PARAMETER`.
    wishes: BTreeMap<String, f64>,
    /// Which of them were met.
    met: Vec<String>,
    /// The names that may be given.
    settable: Vec<String>,
}

impl Parameters {
    /// No parameters yet; `wishes` are the user's values.
    pub fn new(wishes: &BTreeMap<String, f64>) -> Self {
        Self { wishes: wishes.clone(), ..Self::default() }
    }

    /// An error for a wish that no card took up.
    pub fn all_met(&self) -> Result<(), Fault> {
        match self.wishes.keys().find(|name| !self.met.contains(name)) {
            None => Ok(()),
            Some(name) => {
                let known =
                    if self.settable.is_empty() { "no parameter: this file has none to set".into() } else { self.settable.join(", ") };
                Err(Fault::whole(format!("a value for the parameter `{name}`"), format!("one of {known}")))
            }
        }
    }

    /// The integer called `name`.
    pub fn integer(&self, card: &Card, field: usize, name: &str) -> Result<i64, Fault> {
        self.integers
            .get(name)
            .copied()
            .ok_or_else(|| card.fault(field, format!("`{name}`"), "the name of an integer parameter set before"))
    }

    /// The real called `name`.
    pub fn real(&self, card: &Card, field: usize, name: &str) -> Result<f64, Fault> {
        self.reals.get(name).copied().ok_or_else(|| card.fault(field, format!("`{name}`"), "the name of a real parameter set before"))
    }

    /// The loop variable `name` takes the value `value`.
    pub fn set_integer(&mut self, name: &str, value: i64) {
        self.integers.insert(name.to_owned(), value);
    }

    /// `text` with its indices replaced by their present values: `X(I,J)` is `X1,2`.
    pub fn indexed(&self, card: &Card, field: usize, text: &str) -> Result<String, Fault> {
        let Some((base, rest)) = text.split_once('(') else {
            return Ok(text.to_owned());
        };
        // What stands behind the indices is no part of the name: the reference decoder passes over it, and files of the collection have it.
        let Some((inside, _)) = rest.split_once(')') else {
            return Err(card.fault(field, format!("`{text}`"), "`)` after the indices of a name"));
        };
        let mut name = base.to_owned();
        for (k, index) in inside.split(',').enumerate() {
            if k > 0 {
                name.push(',');
            }
            name.push_str(&self.integer(card, field, index.trim())?.to_string());
        }
        Ok(name)
    }

    /// Carries out a parameter card; `false` where the card is none.
    pub fn execute(&mut self, card: &Card) -> Result<bool, Fault> {
        let mut code = card.code.chars();
        let (Some(kind), Some(operation), None) = (code.next(), code.next(), code.next()) else {
            return Ok(false);
        };
        let known = match kind {
            'I' => "ERASMD=+-*/".contains(operation),
            'R' | 'A' => "EIASMDF=+-*/(".contains(operation),
            _ => false,
        };
        // `IV` and `RI` are told apart by the section for the former; the codes of other sections never start with I, R or A and end so.
        if !known {
            return Ok(false);
        }
        let name = |field: usize| {
            let text = card.field(field);
            if kind == 'A' { self.indexed(card, field, text) } else { Ok(text.to_owned()) }
        };
        let target = name(2)?;
        if target.is_empty() {
            return Err(card.fault(2, "nothing", "the name of a parameter"));
        }
        if kind == 'I' {
            let value = self.integer_value(card, operation)?;
            let value = self.wish(card, operation, &target).map_or(Ok(value), |wish| whole(card, wish))?;
            self.integers.insert(target, value);
        } else {
            let value = self.real_value(card, operation, &name(3)?, &name(5)?)?;
            let value = self.wish(card, operation, &target).unwrap_or(value);
            if !value.is_finite() {
                return Err(card.fault(2, format!("`{target}` = {value}"), "a finite value"));
            }
            self.reals.insert(target, value);
        }
        Ok(true)
    }

    /// The user's value for a parameter that this card may set.
    fn wish(&mut self, card: &Card, operation: char, target: &str) -> Option<f64> {
        if !(card.settable && operation == 'E') {
            return None;
        }
        if !self.settable.iter().any(|name| name == target) {
            self.settable.push(target.to_owned());
        }
        let wish = self.wishes.get(target).copied()?;
        self.met.push(target.to_owned());
        Some(wish)
    }

    fn integer_value(&self, card: &Card, operation: char) -> Result<i64, Fault> {
        let first = || self.integer(card, 3, card.field(3));
        let second = || self.integer(card, 5, card.field(5));
        let number = || whole(card, card.number(4)?);
        let overflow = || card.fault(4, "a result beyond 64 bits", "an integer");
        let result = match operation {
            'E' => Some(number()?),
            'R' => Some(whole(card, self.real(card, 3, card.field(3))?.trunc())?),
            'A' => first()?.checked_add(number()?),
            'S' => number()?.checked_sub(first()?),
            'M' => first()?.checked_mul(number()?),
            'D' => Some(quotient(card, 3, number()?, first()?)?),
            '=' => Some(first()?),
            '+' => first()?.checked_add(second()?),
            '-' => first()?.checked_sub(second()?),
            '*' => first()?.checked_mul(second()?),
            _ => Some(quotient(card, 5, first()?, second()?)?),
        };
        result.ok_or_else(overflow)
    }

    fn real_value(&self, card: &Card, operation: char, first: &str, second: &str) -> Result<f64, Fault> {
        let a = || self.real(card, 3, first);
        let b = || self.real(card, 5, second);
        Ok(match operation {
            'E' => card.number(4)?,
            #[allow(clippy::cast_precision_loss)] // Integer parameters are sizes and indices.
            'I' => self.integer(card, 3, card.field(3))? as f64,
            'A' => a()? + card.number(4)?,
            'S' => card.number(4)? - a()?,
            'M' => a()? * card.number(4)?,
            'D' => card.number(4)? / a()?,
            'F' => function(card, card.field(3), card.number(4)?)?,
            '=' => a()?,
            '+' => a()? + b()?,
            '-' => a()? - b()?,
            '*' => a()? * b()?,
            '/' => a()? / b()?,
            _ => function(card, card.field(3), b()?)?,
        })
    }
}

fn quotient(card: &Card, field: usize, above: i64, below: i64) -> Result<i64, Fault> {
    above.checked_div(below).ok_or_else(|| card.fault(field, "a divisor 0", "another integer"))
}

fn whole(card: &Card, value: f64) -> Result<i64, Fault> {
    #[allow(clippy::cast_possible_truncation)] // Its magnitude is below 2^53.
    if value.fract() == 0.0 && value.abs() < 9e15 { Ok(value as i64) } else { Err(card.fault(4, format!("`{value}`"), "an integer")) }
}

fn function(card: &Card, name: &str, x: f64) -> Result<f64, Fault> {
    Ok(match name {
        "ABS" => x.abs(),
        "SQRT" => x.sqrt(),
        "EXP" => x.exp(),
        "LOG" => x.ln(),
        "LOG10" => x.log10(),
        "SIN" => x.sin(),
        "COS" => x.cos(),
        "TAN" => x.tan(),
        "ARCSIN" => x.asin(),
        "ARCCOS" => x.acos(),
        "ARCTAN" => x.atan(),
        "HYPSIN" => x.sinh(),
        "HYPCOS" => x.cosh(),
        "HYPTAN" => x.tanh(),
        _ => {
            let expected = "ABS, SQRT, EXP, LOG, LOG10, SIN, COS, TAN, ARCSIN, ARCCOS, ARCTAN, HYPSIN, HYPCOS or HYPTAN";
            return Err(card.fault(3, format!("the function `{name}`"), expected));
        }
    })
}
