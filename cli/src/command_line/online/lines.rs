//! Lines as they come in.

use std::io::{self, BufRead};

/// A block of answers, or of input.
pub(super) const BLOCK: usize = 1 << 16;

/// Longer lines are answered with an error, and not kept.
pub(super) const LONGEST: usize = 1 << 20;

/// What was read.
pub(super) enum Line {
    Whole,
    TooLong,
    End,
}

/// The next line without its newline; of a line that is too long, nothing is kept. The last line may lack its newline.
pub(super) fn read_line(input: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<Line> {
    let mut too_long = false;
    loop {
        let available = match input.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if available.is_empty() {
            return Ok(match (too_long, line.is_empty()) {
                (true, _) => Line::TooLong,
                (false, true) => Line::End,
                (false, false) => Line::Whole,
            });
        }
        let newline = available.iter().position(|&byte| byte == b'\n');
        let part = &available[..newline.unwrap_or(available.len())];
        if !too_long && line.len() + part.len() <= LONGEST {
            line.extend_from_slice(part);
        } else {
            too_long = true;
            line.clear();
        }
        let consumed = newline.map_or(available.len(), |at| at + 1);
        input.consume(consumed);
        if newline.is_some() {
            return Ok(if too_long { Line::TooLong } else { Line::Whole });
        }
    }
}
