//! The words of a modelling language's call: `key=value`, on the command line, in an environment variable, in a file.

use std::iter::Peekable;
use std::str::Chars;

/// A keyword and its value, as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) key: String,
    pub(super) value: String,
}

/// One word of the command line; quotes around the value belong to the protocol, not to the value.
pub(super) fn of_argument(text: &str) -> Result<Word, String> {
    let read = of_text(text).and_then(|words| <[Word; 1]>::try_from(words).map_err(|_| format!("found `{text}`, expected key=value")));
    match (read, text.split_once('=')) {
        (Ok([word]), _) => Ok(word),
        // A value with spaces and without quotes is one value: the shell has kept it together.
        (Err(_), Some((key, value))) if !key.trim().is_empty() && value.contains(' ') && !value.starts_with(['"', '\'']) => {
            Ok(Word { key: key.trim().to_owned(), value: value.trim().to_owned() })
        }
        (Err(fault), _) => Err(fault),
    }
}

/// The words of a line of an environment variable: `key=value` or `key value`, values with spaces in quotes.
pub(super) fn of_text(text: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = text.chars().peekable();
    loop {
        skip_space(&mut rest);
        if rest.peek().is_none() {
            return Ok(words);
        }
        let key = taken(&mut rest, |c| c != '=' && !c.is_whitespace());
        skip_space(&mut rest);
        if rest.next_if_eq(&'=').is_some() {
            skip_space(&mut rest);
        }
        let value = match rest.next_if(|c| matches!(c, '"' | '\'')) {
            None => taken(&mut rest, |c| !c.is_whitespace()),
            Some(quote) => {
                let value = taken(&mut rest, |c| c != quote);
                if rest.next().is_none() {
                    return Err(format!("found the quote {quote} after `{key}` without an end"));
                }
                value
            }
        };
        if key.is_empty() || value.is_empty() {
            return Err(format!("found `{}`, expected key=value", if key.is_empty() { &value } else { &key }));
        }
        words.push(Word { key, value });
    }
}

/// The words of a file of options: a name and a value in each line; `#` starts a comment.
pub(super) fn of_file(text: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    for line in text.lines() {
        words.extend(of_text(line.split('#').next().unwrap_or_default())?);
    }
    Ok(words)
}

fn skip_space(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|c| c.is_whitespace()).is_some() {}
}

fn taken(rest: &mut Peekable<Chars<'_>>, part: impl Fn(char) -> bool) -> String {
    let mut text = String::new();
    while let Some(c) = rest.next_if(|&c| part(c)) {
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(words: &[Word]) -> Vec<(&str, &str)> {
        words.iter().map(|word| (word.key.as_str(), word.value.as_str())).collect()
    }

    #[test]
    fn words_have_equal_signs_spaces_or_quotes() {
        let words = of_text(r#" tol=1e-9 max_iter 50  a = 'b c' msg="d e" "#).unwrap();
        assert_eq!(pairs(&words), [("tol", "1e-9"), ("max_iter", "50"), ("a", "b c"), ("msg", "d e")]);
        assert_eq!(of_text("").unwrap(), []);
        for (text, message) in [("tol", "found `tol`, expected key=value"), ("=3", "found `3`"), ("a=\"b", "without an end")] {
            assert!(of_text(text).unwrap_err().contains(message), "{text}");
        }
    }

    #[test]
    fn an_argument_is_one_word() {
        assert_eq!(pairs(&[of_argument("msg=a b").unwrap()]), [("msg", "a b")]);
        assert_eq!(pairs(&[of_argument("file=\"/x y/z.opt\"").unwrap()]), [("file", "/x y/z.opt")]);
        assert!(of_argument("tol").is_err());
        assert!(of_argument("").is_err());
    }

    #[test]
    fn a_file_of_options_has_comments() {
        assert_eq!(pairs(&of_file("# all\ntol 1e-7 # close\n\nmax_iter 3\n").unwrap()), [("tol", "1e-7"), ("max_iter", "3")]);
    }
}
