//! What people read about a verdict.

use std::io;

use fathom_opt_problems::{Certainty, Measure, Property, Verdict};

use super::output::{Output, Tone, printable};

/// At most this many violations are listed.
const SHOWN: usize = 5;

/// The verdict, its violations and properties. A solution that nobody claimed to be finished is not a failed one.
pub(super) fn verdict(output: &mut Output, verdict: &Verdict, finished: bool) -> io::Result<()> {
    let word = if verdict.holds() {
        format!("{}, recomputed from the data", output.toned(Tone::Good, "holds"))
    } else if verdict.violations.is_empty() {
        output.toned(Tone::Bad, "not fully checked")
    } else {
        let count = verdict.violations.len();
        let broken = format!("{count} requirement{} broken", if count == 1 { "" } else { "s" });
        if finished { format!("{}: {broken}", output.toned(Tone::Bad, "FAILS")) } else { format!("incomplete: {broken}") }
    };
    output.entry("verdict", word)?;
    for unchecked in &verdict.unchecked {
        output.entry("", format!("not checked: {}", printable(unchecked)))?;
    }
    for violation in verdict.violations.iter().take(SHOWN) {
        output.entry("", format!("{}: {} is broken by {}", printable(&violation.place), violation.what, number(violation.amount)))?;
    }
    if verdict.violations.len() > SHOWN {
        output.entry("", format!("... and {} more", verdict.violations.len() - SHOWN))?;
    }
    let width = verdict.properties.iter().map(|property| property.name.chars().count()).max().unwrap_or(0);
    for property in &verdict.properties {
        output.entry("", format!("{:<width$}  {}", property.name, finding(output, property)))?;
    }
    measures(output, "measures", &verdict.measures)
}

/// Figures, several to a line.
pub(super) fn measures(output: &mut Output, label: &str, measures: &[Measure]) -> io::Result<()> {
    for (k, some) in measures.chunks(4).enumerate() {
        let words: Vec<String> = some.iter().map(|measure| format!("{} {}", measure.name, number(measure.value))).collect();
        output.entry(if k == 0 { label } else { "" }, words.join(", "))?;
    }
    Ok(())
}

fn finding(output: &Output, property: &Property) -> String {
    let (tone, word) = match property.holds {
        Some(true) => (Tone::Good, "holds"),
        Some(false) => (Tone::Plain, "fails"),
        None => (Tone::Faint, "undecided"),
    };
    let certainty = match property.certainty {
        Certainty::Within(tolerance) => format!(" (within {})", number(tolerance)),
        Certainty::Sampled(times) if property.holds == Some(true) => format!(" (not seen to fail in {times} trials)"),
        Certainty::Exact | Certainty::Sampled(_) => String::new(),
    };
    let against = property.witness.as_ref().filter(|_| property.holds != Some(true));
    let witness = against.map(|witness| format!(": {}", printable(&witness.text))).unwrap_or_default();
    format!("{}{certainty}{witness}", output.toned(tone, word))
}

/// A number in as few digits as tell it apart, in scientific notation where plain digits would be long.
pub(super) fn number(value: f64) -> String {
    let magnitude = value.abs();
    if value == 0.0 || (1e-3..1e15).contains(&magnitude) {
        if value.fract() == 0.0 { format!("{value:.0}") } else { significant(value) }
    } else {
        let scientific = format!("{value:.3e}");
        match scientific.split_once('e') {
            Some((digits, exponent)) => format!("{}e{exponent}", digits.trim_end_matches('0').trim_end_matches('.')),
            // Infinities and NaN have no exponent.
            None => value.to_string(),
        }
    }
}

/// Six significant digits, trailing zeros dropped.
fn significant(value: f64) -> String {
    let before = value.abs().log10().floor();
    let decimals = (5.0 - before).clamp(0.0, 12.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=12")]
    let text = format!("{value:.*}", decimals as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_short() {
        let cases = [
            (0.0, "0"),
            (12.0, "12"),
            (-3.5, "-3.5"),
            (0.123_456_789, "0.123457"),
            (1_234_567.891, "1234568"),
            (1e-9, "1e-9"),
            (2.5e20, "2.5e20"),
            (f64::INFINITY, "inf"),
        ];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
    }
}
