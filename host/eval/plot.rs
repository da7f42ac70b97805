//! A plot of cost against quality as an SVG: a line for each way to choose.

use std::fmt::Write as _;

use super::metric::Curve;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 420.0;
const MARGIN: f64 = 56.0;
const COLOURS: [&str; 5] = ["#888888", "#e69f00", "#56b4e9", "#d55e00", "#009e73"];

/// Draws the curves of the same prompts: across, the share that goes to the strong model; up, the mean quality.
#[must_use]
pub fn svg(title: &str, curves: &[(&str, &Curve)]) -> String {
    let all = || curves.iter().flat_map(|(_, curve)| &curve.points);
    let low = all().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let high = all().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
    let span = (high - low).max(1e-9);
    let x = |share: f64| MARGIN + share * (WIDTH - 2.0 * MARGIN);
    let y = |quality: f64| HEIGHT - MARGIN - (quality - low) / span * (HEIGHT - 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"{MARGIN}\" y=\"28\" font-size=\"15\">{}</text>\n",
        escaped(title)
    );
    for tenth in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let (at, up) = (x(tenth), y(low + tenth * span));
        let (bottom, right) = (HEIGHT - MARGIN, WIDTH - MARGIN);
        let _ = write!(
            svg,
            "<path d=\"M{at:.1} {MARGIN}V{bottom}M{MARGIN} {up:.1}H{right}\" stroke=\"#dddddd\" fill=\"none\"/>\n\
             <text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{:.0} %</text>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{:.3}</text>\n",
            bottom + 16.0,
            tenth * 100.0,
            MARGIN - 6.0,
            up + 4.0,
            low + tenth * span,
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">sent to the strong model</text>",
        WIDTH / 2.0,
        HEIGHT - 14.0
    );
    for (at, (name, curve)) in curves.iter().enumerate() {
        let colour = COLOURS[at % COLOURS.len()];
        let line: Vec<String> = curve
            .points
            .iter()
            .map(|(share, quality)| format!("{:.1},{:.1}", x(*share), y(*quality)))
            .collect();
        let _ = write!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\" text-anchor=\"end\">{} (APGR {:.3})</text>\n",
            line.join(" "),
            WIDTH - MARGIN - 8.0,
            HEIGHT - MARGIN - 12.0 - 16.0 * at as f64,
            escaped(name),
            curve.apgr(),
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::metric::curve;

    #[test]
    fn a_plot_names_each_curve_and_escapes_its_title() {
        let one = curve(&[1.0, 2.0], &[0.0, 0.0], &[1.0, 1.0]);
        let drawn = svg("a < b", &[("learned", &one), ("random", &one)]);
        assert!(drawn.starts_with("<svg") && drawn.ends_with("</svg>\n"));
        assert!(drawn.contains("a &lt; b") && drawn.contains("learned (APGR 0.500)"));
        assert_eq!(drawn.matches("<polyline").count(), 2);
    }
}
