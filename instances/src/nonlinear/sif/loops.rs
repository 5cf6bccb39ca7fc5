//! DO loops over cards: which card comes next.

use super::card::Card;
use super::parameter::Parameters;
use crate::nonlinear::fault::Fault;

/// How many cards may be carried out, loops counted.
pub(super) const MAX_CARDS: u64 = 30_000_000;

/// A loop that is open.
#[derive(Debug)]
struct Loop {
    variable: String,
    present: i64,
    last: i64,
    step: i64,
    /// The first card of its body.
    body: usize,
}

impl Loop {
    fn goes_on(&self) -> bool {
        if self.step >= 0 { self.present <= self.last } else { self.present >= self.last }
    }
}

/// The position in the list of cards, and the loops around it.
#[derive(Debug, Default)]
pub(super) struct Walk {
    next: usize,
    open: Vec<Loop>,
    count: u64,
}

impl Walk {
    /// Whether no loop is open.
    pub fn is_outside(&self) -> bool {
        self.open.is_empty()
    }

    /// The next card that is not a loop card; loop cards are carried out on the way.
    pub fn next<'a>(&mut self, cards: &'a [Card], parameters: &mut Parameters) -> Result<Option<&'a Card>, Fault> {
        loop {
            let Some(card) = cards.get(self.next) else { return Ok(None) };
            self.count += 1;
            if self.count > MAX_CARDS {
                return Err(Fault::at(card.line, 0, "loops that carry out more cards", format!("at most {MAX_CARDS}")));
            }
            match card.code.as_str() {
                _ if !card.keyword.is_empty() => {
                    if let Some(open) = self.open.last() {
                        return Err(Fault::at(
                            card.line,
                            1,
                            format!("`{}` inside the loop over {}", card.keyword, open.variable),
                            "OD or ND before it",
                        ));
                    }
                    self.next += 1;
                    return Ok(Some(card));
                }
                "DO" => self.enter(cards, card, parameters)?,
                "OD" => self.close(card, parameters)?,
                "ND" => self.close_all(card, parameters)?,
                "DI" => return Err(card.fault(1, "DI", "DI right after the DO of the same variable")),
                _ => {
                    self.next += 1;
                    return Ok(Some(card));
                }
            }
        }
    }

    fn enter(&mut self, cards: &[Card], card: &Card, parameters: &mut Parameters) -> Result<(), Fault> {
        let variable = card.field(2).to_owned();
        if variable.is_empty() {
            return Err(card.fault(2, "nothing", "a loop variable"));
        }
        if self.open.len() == MAX_OPEN {
            return Err(card.fault(1, "DO inside so many loops", format!("loops at most {MAX_OPEN} deep")));
        }
        let present = parameters.integer(card, 3, card.field(3))?;
        let last = parameters.integer(card, 5, card.field(5))?;
        let mut step = 1;
        self.next += 1;
        if let Some(next) = cards.get(self.next).filter(|next| next.code == "DI" && next.field(2) == variable) {
            step = parameters.integer(next, 3, next.field(3))?;
            if step == 0 {
                return Err(next.fault(3, "a step 0", "another step"));
            }
            self.next += 1;
        }
        let entered = Loop { variable, present, last, step, body: self.next };
        if entered.goes_on() {
            parameters.set_integer(&entered.variable, present);
            self.open.push(entered);
        } else {
            self.pass_over(cards, card)?;
        }
        Ok(())
    }

    /// Moves behind the end of a loop that is not entered at all.
    fn pass_over(&mut self, cards: &[Card], card: &Card) -> Result<(), Fault> {
        let mut inside = 0;
        while let Some(next) = cards.get(self.next).filter(|next| next.keyword.is_empty()) {
            match next.code.as_str() {
                "DO" => {
                    inside += 1;
                    self.next += 1;
                }
                "OD" => {
                    self.next += 1;
                    if inside == 0 {
                        return Ok(());
                    }
                    inside -= 1;
                }
                // It closes the outer loops too, which go on.
                "ND" => {
                    if self.open.is_empty() {
                        self.next += 1;
                    }
                    return Ok(());
                }
                _ => self.next += 1,
            }
        }
        Err(card.fault(1, "DO", "OD or ND after it"))
    }

    fn close(&mut self, card: &Card, parameters: &mut Parameters) -> Result<(), Fault> {
        // It closes the innermost loop, whatever name it has: files of the collection name others.
        if self.open.is_empty() {
            return Err(card.fault(1, "OD", "a loop to close"));
        }
        if !self.again(parameters) {
            self.next += 1;
        }
        Ok(())
    }

    fn close_all(&mut self, card: &Card, parameters: &mut Parameters) -> Result<(), Fault> {
        if self.open.is_empty() {
            return Err(card.fault(1, "ND", "a loop to close"));
        }
        while !self.open.is_empty() {
            if self.again(parameters) {
                return Ok(());
            }
        }
        self.next += 1;
        Ok(())
    }

    /// Goes on with the innermost loop; `false` where that is finished and left.
    fn again(&mut self, parameters: &mut Parameters) -> bool {
        let Some(open) = self.open.last_mut() else { return false };
        open.present = open.present.saturating_add(open.step);
        if open.goes_on() && open.present != i64::MAX && open.present != i64::MIN {
            parameters.set_integer(&open.variable, open.present);
            self.next = open.body;
            true
        } else {
            self.open.pop();
            false
        }
    }
}

/// How many loops may be open at once.
const MAX_OPEN: usize = 3;
