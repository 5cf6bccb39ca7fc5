//! Where in a JSON text a path leads.

use fathom_opt_problems::{Place, Segment};

/// The byte offset in `text` (valid JSON) of the value that `place` names, or of the deepest part of the path that exists.
pub fn locate(text: &str, place: &Place) -> usize {
    let mut cursor = Cursor { bytes: text.as_bytes(), at: 0 };
    cursor.skip_space();
    let mut found = cursor.at;
    for segment in place.segments() {
        let entered = match segment {
            Segment::Field(name) => cursor.enter_field(name),
            Segment::Index(index) => cursor.enter_index(*index),
        };
        if !entered {
            break;
        }
        found = cursor.at;
    }
    found
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Moves past `byte` and the space after it, if it stands here.
    fn take(&mut self, byte: u8) -> bool {
        let here = self.peek() == Some(byte);
        if here {
            self.at += 1;
            self.skip_space();
        }
        here
    }

    /// From an object to the value of its field `name`.
    fn enter_field(&mut self, name: &str) -> bool {
        if !self.take(b'{') {
            return false;
        }
        while self.peek() == Some(b'"') {
            let start = self.at;
            self.skip_string();
            let key: Option<String> = serde_json::from_slice(&self.bytes[start..self.at]).ok();
            self.skip_space();
            if !self.take(b':') {
                return false;
            }
            if key.as_deref() == Some(name) {
                return true;
            }
            self.skip_value();
            if !self.take(b',') {
                return false;
            }
        }
        false
    }

    /// From an array to its element `index`.
    fn enter_index(&mut self, index: usize) -> bool {
        if !self.take(b'[') || self.peek() == Some(b']') {
            return false;
        }
        for _ in 0..index {
            self.skip_value();
            if !self.take(b',') {
                return false;
            }
        }
        true
    }

    fn skip_string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'"' => return,
                _ => {}
            }
        }
    }

    /// Past one value of any kind; brackets are counted, not recursed into.
    fn skip_value(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.skip_string();
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    if depth == 0 {
                        break;
                    }
                    depth -= 1;
                    self.at += 1;
                }
                b',' if depth == 0 => break,
                _ => self.at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{"a": [1, [2, 3], "x,]"], "b\"": {"c": -7}, "d": []}"#;

    fn at(place: &Place) -> &'static str {
        &TEXT[locate(TEXT, place)..]
    }

    #[test]
    fn a_path_leads_to_its_value() {
        let root = Place::root();
        assert!(at(&root.field("a").index(1).index(1)).starts_with("3]"));
        assert!(at(&root.field("a").index(2)).starts_with("\"x,]\""));
        assert!(at(&root.field("b\"").field("c")).starts_with("-7"));
    }

    #[test]
    fn a_path_that_ends_early_leads_to_its_last_part() {
        let root = Place::root();
        assert!(at(&root.field("d").index(3)).starts_with("[]"));
        assert!(at(&root.field("a").index(9)).starts_with("[1,"));
        assert!(at(&root.field("zzz")).starts_with("{\"a\""));
    }
}
