//! A picture of a stream as SVG.

use std::fmt::Write as _;

const WIDTH: f64 = 900.0;
const LEFT: f64 = 70.0;
const UPPER: (f64, f64) = (20.0, 300.0);
const LOWER: (f64, f64) = (340.0, 460.0);

/// At most this many points of a line, and dots, are drawn.
const POINTS: usize = 2000;

/// Id, price, density if taken, used share: one per item.
pub(crate) fn picture(items: &[(u64, Option<f64>, Option<f64>, f64)]) -> String {
    let last = items.len().max(2) - 1;
    let x = |k: usize| LEFT + (WIDTH - LEFT - 20.0) * k as f64 / last as f64;
    let positive = |value: &f64| *value > 0.0 && value.is_finite();
    let shown = || items.iter().flat_map(|(_, price, taken, _)| [*price, *taken]).flatten().filter(positive);
    let (low, high) = shown().fold((f64::INFINITY, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let (low, high) = if low < high { (low, high) } else { (low.clamp(1e-300, 1e300) / 2.0, low.clamp(1e-300, 1e300) * 2.0) };
    let upper = |value: f64| UPPER.1 - (UPPER.1 - UPPER.0) * (value / low).ln() / (high / low).ln();
    let lower = |share: f64| LOWER.1 - (LOWER.1 - LOWER.0) * share.clamp(0.0, 1.0);
    let stride = items.len().div_ceil(POINTS).max(1);

    let mut svg =
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} 500\" font-family=\"sans-serif\" font-size=\"12\">\n");
    // Writing to a string cannot fail.
    let _ = writeln!(svg, "<rect width=\"{WIDTH}\" height=\"500\" fill=\"white\"/>");
    for (top, bottom) in [UPPER, LOWER] {
        let _ = writeln!(
            svg,
            "<rect x=\"{LEFT}\" y=\"{top}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"#bbb\"/>",
            WIDTH - LEFT - 20.0,
            bottom - top
        );
    }
    for (value, y) in [(high, UPPER.0), ((low * high).sqrt(), f64::midpoint(UPPER.0, UPPER.1)), (low, UPPER.1)] {
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{value:.3e}</text>", LEFT - 6.0, y + 4.0);
    }
    for (label, y) in [("100 %", LOWER.0), ("0 %", LOWER.1)] {
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{label}</text>", LEFT - 6.0, y + 4.0);
    }
    let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"14\">price (line) and densities taken (dots), logarithmic</text>");
    let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"334\">used share of the capacity</text>");
    let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"480\">{} items, in order of arrival</text>", items.len());
    line(
        &mut svg,
        "#1f5fa8",
        items.iter().enumerate().step_by(stride).filter_map(|(k, item)| Some((x(k), upper(item.1.filter(positive)?)))),
    );
    line(&mut svg, "#b3541e", items.iter().enumerate().step_by(stride).map(|(k, item)| (x(k), lower(item.3))));
    let taken: Vec<(f64, f64)> = items.iter().enumerate().filter_map(|(k, item)| Some((x(k), upper(item.2.filter(positive)?)))).collect();
    for (x, y) in taken.iter().step_by(taken.len().div_ceil(POINTS).max(1)) {
        let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"1.8\" fill=\"#2c8a4b\"/>");
    }
    svg.push_str("</svg>\n");
    svg
}

fn line(svg: &mut String, colour: &str, points: impl Iterator<Item = (f64, f64)>) {
    svg.push_str("<polyline fill=\"none\" stroke-width=\"1.5\" points=\"");
    for (x, y) in points {
        let _ = write!(svg, "{x:.1},{y:.1} ");
    }
    let _ = writeln!(svg, "\" stroke=\"{colour}\"/>");
}
