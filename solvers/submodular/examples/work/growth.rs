//! How work grows with the number of elements: slopes and a picture.

use std::fmt::Write;

use fathom_opt_submodular::Engine;

/// Number of elements and evaluations per update of one engine.
pub struct Growth {
    pub engine: Engine,
    pub points: Vec<(f64, f64)>,
}

impl Growth {
    /// The least-squares slope of the logarithms.
    pub fn slope(&self) -> f64 {
        let count = self.points.len() as f64;
        let (x, y) = (self.points.iter().map(|p| p.0.ln()).sum::<f64>() / count, self.points.iter().map(|p| p.1.ln()).sum::<f64>() / count);
        let above: f64 = self.points.iter().map(|p| (p.0.ln() - x) * (p.1.ln() - y)).sum();
        above / self.points.iter().map(|p| (p.0.ln() - x).powi(2)).sum::<f64>()
    }
}

const COLOURS: [&str; 3] = ["#2c3e80", "#1e8449", "#c0392b"];

/// An SVG of evaluations per update over the number of elements, both on logarithmic scales, a line per engine.
pub fn picture(all: &[Growth]) -> Result<String, std::fmt::Error> {
    let (width, height, margin) = (720.0, 400.0, 60.0);
    let points = || all.iter().flat_map(|growth| &growth.points);
    let range = |of: fn(&(f64, f64)) -> f64| {
        let logs: Vec<f64> = points().map(|point| of(point).ln()).collect();
        (logs.iter().copied().fold(f64::INFINITY, f64::min), logs.iter().copied().fold(f64::NEG_INFINITY, f64::max))
    };
    let ((left, right), (low, high)) = (range(|point| point.0), range(|point| point.1));
    let x = |n: f64| margin + (n.ln() - left) / (right - left).max(1e-9) * (width - 3.0 * margin);
    let y = |work: f64| height - margin - (work.ln() - low) / (high - low).max(1e-9) * (height - 2.0 * margin);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{margin}\" y=\"20\">gain evaluations per update over the number of elements, killer streams</text>\n"
    );
    for (growth, colour) in all.iter().zip(COLOURS) {
        let line: Vec<String> = growth.points.iter().map(|&(n, work)| format!("{:.1},{:.1}", x(n), y(work))).collect();
        writeln!(svg, "<polyline fill=\"none\" stroke=\"{colour}\" points=\"{}\"/>", line.join(" "))?;
        for &(n, work) in &growth.points {
            writeln!(
                svg,
                "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{colour}\"><title>{n}: {work:.1}</title></circle>",
                x(n),
                y(work)
            )?;
        }
        if let Some(&(n, work)) = growth.points.last() {
            let (name, slope) = (growth.engine.name(), growth.slope());
            writeln!(svg, "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{work:.0}, slope {slope:.2}</text>", x(n) + 8.0, y(work) - 6.0)?;
            writeln!(svg, "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{name}</text>", x(n) + 8.0, y(work) + 8.0)?;
        }
    }
    if let Some(growth) = all.first() {
        for &(n, _) in &growth.points {
            writeln!(svg, "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{n}</text>", x(n), height - margin + 24.0)?;
        }
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}
