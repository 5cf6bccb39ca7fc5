//! The statements of Fortran code in fixed form: labels in columns 1 to 5, continuations marked in column 6, comments marked in column 1.

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CodeLine {
    /// 1-based line where it starts.
    pub number: usize,
    /// Its label, without blanks.
    pub label: String,
    /// Its text with its continuations, in capitals and without blanks, which mean nothing in this form.
    pub text: String,
}

/// The statements of `text`, whose first line has the number `first`.
pub(super) fn code_lines(text: &str, first: usize) -> Vec<CodeLine> {
    let mut lines: Vec<CodeLine> = Vec::new();
    for (number, raw) in (first..).zip(text.lines()) {
        // Columns beyond 72 are for the reader.
        let characters: Vec<char> = raw.chars().take(72).collect();
        let marked = characters.first().is_some_and(|c| !(c.is_ascii_digit() || c.is_whitespace()));
        let part = |range: std::ops::Range<usize>| -> String {
            let end = range.end.min(characters.len());
            let part = characters.get(range.start..end).unwrap_or_default();
            part.iter().filter(|c| !c.is_whitespace()).map(char::to_ascii_uppercase).collect()
        };
        let body = part(6..72);
        if marked || (body.is_empty() && part(0..5).is_empty()) {
            continue;
        }
        let continued = characters.get(5).is_some_and(|c| !matches!(c, ' ' | '0'));
        match lines.last_mut().filter(|_| continued) {
            Some(last) => last.text.push_str(&body),
            None => lines.push(CodeLine { number, label: part(0..5), text: body }),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_joined_and_comments_left_out() {
        let text = "C a comment\n   10 x = 1.0 +\n     *    y\n\n      go to 10\n";
        let found: Vec<(usize, String, String)> =
            code_lines(text, 5).into_iter().map(|line| (line.number, line.label, line.text)).collect();
        assert_eq!(found, [(6, "10".into(), "X=1.0+Y".into()), (9, String::new(), "GOTO10".into())]);
    }
}
