//! Text in the width of the terminal.

use std::io::IsTerminal;

/// Characters in a line of standard output; `None` where it is no terminal: who reads lines by a program wants them whole.
pub(super) fn width() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    let columns = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    columns.filter(|columns| *columns > 0)
}

/// Lines are not wrapped to fewer characters than these, whatever the terminal.
const NARROWEST: usize = 30;

/// `text` in lines of at most `width` characters, broken between words; lines after the first start with `indent` spaces.
pub(super) fn wrapped(text: &str, width: Option<usize>, indent: usize) -> Vec<String> {
    let Some(width) = width.filter(|width| *width >= indent + NARROWEST) else { return vec![text.to_owned()] };
    let leading: String = text.chars().take_while(|c| *c == ' ').collect();
    let mut lines = Vec::new();
    let mut line = leading;
    let mut is_empty = true;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_keep_their_indent() {
        let text = "  name  a long description of what the option does and what it costs";
        let lines = wrapped(text, Some(40), 8);
        assert_eq!(lines, ["  name a long description of what the", "        option does and what it costs"]);
        assert_eq!(wrapped(text, None, 8), [text]);
        assert_eq!(wrapped(text, Some(10), 8), [text]);
    }
}
