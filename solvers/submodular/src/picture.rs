//! A picture of a stream: the value of every answer beside its upper bound.

use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 320.0;
const MARGIN: f64 = 48.0;

/// An SVG of `points` (position in the stream, value, upper bound), in the order of the stream.
pub fn value_and_bound(points: &[(f64, f64, f64)]) -> String {
    let first = points.first().map_or(0.0, |point| point.0);
    let last = points.last().map_or(1.0, |point| point.0).max(first + 1.0);
    let top = points.iter().map(|point| point.1.max(point.2)).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let x = |at: f64| MARGIN + (at - first) / (last - first) * (WIDTH - 2.0 * MARGIN);
    let y = |value: f64| HEIGHT - MARGIN - value / top * (HEIGHT - 2.0 * MARGIN);
    let line = |of: &dyn Fn(&(f64, f64, f64)) -> f64| {
        let mut path = String::new();
        for point in points {
            // A string takes everything that is written.
            let _ = write!(path, "{:.1},{:.1} ", x(point.0), y(of(point)));
        }
        path
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    let _ = writeln!(svg, "<polyline fill=\"none\" stroke=\"#c0392b\" points=\"{}\"/>", line(&|point| point.2));
    let _ = writeln!(svg, "<polyline fill=\"none\" stroke=\"#2c3e80\" points=\"{}\"/>", line(&|point| point.1));
    let (left, bottom, right) = (MARGIN, HEIGHT - MARGIN, WIDTH - MARGIN);
    let _ = writeln!(svg, "<path fill=\"none\" stroke=\"black\" d=\"M{left} {MARGIN} V{bottom} H{right}\"/>");
    let _ = writeln!(svg, "<text x=\"4\" y=\"{MARGIN}\">{top:.4}</text><text x=\"{left}\" y=\"{:.0}\">{first}</text>", bottom + 18.0);
    let _ = writeln!(svg, "<text x=\"{right}\" y=\"{:.0}\" text-anchor=\"end\">{last} operations</text>", bottom + 18.0);
    let _ = writeln!(
        svg,
        "<text x=\"{left}\" y=\"20\" fill=\"#2c3e80\">value</text><text x=\"{:.0}\" y=\"20\" fill=\"#c0392b\">upper bound</text>",
        left + 60.0
    );
    svg.push_str("</svg>\n");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_both_lines_within_its_frame() {
        let svg = value_and_bound(&[(0.0, 1.0, 2.0), (10.0, 3.0, 4.0)]);
        assert!(svg.contains("48.0,216.0 672.0,104.0") && svg.contains("48.0,160.0 672.0,48.0"), "{svg}");
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
        assert!(value_and_bound(&[]).contains("polyline"));
    }
}
