//! Draws the value of every answer beside its upper bound, over the stream.
//!
//! ```text
//! fathom solve FILE --trace trace.csv
//! cargo run -p fathom-opt-submodular --example picture -- trace.csv picture.svg
//! ```

use fathom_opt_submodular::value_and_bound;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [trace, picture] = &arguments[..] else { return Err("expected: TRACE.csv PICTURE.svg".into()) };
    let text = std::fs::read_to_string(trace)?;
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let column = |name: &str| head.iter().position(|column| *column == name).ok_or(format!("{trace}: found no column `{name}`"));
    let (at, value, bound) = (column("at")?, column("value")?, column("bound")?);
    let mut points = Vec::new();
    for (number, line) in lines.enumerate() {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap_or(f64::NAN)).collect();
        let cell = |column: usize| cells.get(column).copied().filter(|cell| cell.is_finite());
        let point = cell(at).zip(cell(value)).zip(cell(bound)).map(|((at, value), bound)| (at, value, bound));
        points.push(point.ok_or(format!("{trace}, line {}: found no numbers in all of its columns", number + 2))?);
    }
    std::fs::write(picture, value_and_bound(&points))?;
    Ok(())
}
