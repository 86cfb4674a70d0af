//! The chart of a run: one line, as SVG.

use std::error::Error;
use std::path::Path;

use plotters::prelude::{
    ChartBuilder, DrawingArea, IntoDrawingArea, LineSeries, RGBColor, SVGBackend,
};
use plotters::style::Color;

use super::report::grouped;
use super::schedule::Times;
use crate::Failure;

/// On white and on black alike.
const LINE: RGBColor = RGBColor(0x1f, 0x9e, 0x89);
const AXES: RGBColor = RGBColor(0x80, 0x88, 0x90);
/// Letters follow the reader's colour scheme; plotters knows one colour for each.
const STYLE: &str = "<style>text{fill:#1f2328}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}}</style>";
const SIZE: (u32, u32) = (800, 400);
/// Points for each factor of ten.
const DENSITY: u32 = 20;

/// What a chart shows.
#[derive(Clone, Debug)]
pub(crate) struct Curve {
    pub(crate) title: String,
    pub(crate) x: Axis,
    pub(crate) y: &'static str,
    pub(crate) points: Vec<(f64, f64)>,
}

/// What the horizontal axis is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Axis {
    /// A number with this name.
    Named(&'static str),
    /// `x` stands for the part `1 - 10^-x`: 0 %, 90 %, 99 %, 99.9 % at equal distances.
    Part,
}

impl Curve {
    /// Times by the part of all that took no longer, in microseconds.
    pub(crate) fn of_times(title: String, times: &Times) -> Self {
        let decades = (times.0.len().max(1) as f64).log10();
        let points = (0..=(decades * f64::from(DENSITY)) as u32).map(|step| {
            let x = f64::from(step) / f64::from(DENSITY);
            (x, times.0.value_at_quantile(1.0 - 10_f64.powf(-x)) as f64 / 1e3)
        });
        Self { title, x: Axis::Part, y: "microseconds", points: points.collect() }
    }

    /// Writes it.
    pub(crate) fn write(&self, file: &Path) -> Result<(), Failure> {
        let named = |why: String| Failure::Broken(format!("--chart {}: {why}", file.display()));
        let svg = self.svg().map_err(|error| named(error.to_string()))?;
        std::fs::write(file, svg).map_err(|error| named(error.to_string()))
    }

    fn svg(&self) -> Result<String, Box<dyn Error>> {
        let mut svg = String::new();
        self.draw(&SVGBackend::with_string(&mut svg, SIZE).into_drawing_area())?;
        let (head, body) = svg.split_once(">\n").ok_or("plotters wrote no SVG")?;
        Ok(format!("{head}>\n{STYLE}\n{body}"))
    }

    fn draw(
        &self,
        area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    ) -> Result<(), Box<dyn Error>> {
        let most = |of: fn(&(f64, f64)) -> f64| self.points.iter().map(of).fold(0.0, f64::max);
        let (right, top) = (most(|point| point.0), 1.05 * most(|point| point.1));
        let mut chart = ChartBuilder::on(area)
            .margin(15)
            .caption(&self.title, ("sans-serif", 18))
            .x_label_area_size(45)
            .y_label_area_size(90)
            // An axis without length cannot be drawn.
            .build_cartesian_2d(0.0..right.max(1e-3), 0.0..top.max(1e-3))?;
        let (named, parts) = match self.x {
            Axis::Named(name) => (name, None),
            Axis::Part => ("part that took no longer", Some(right.ceil() as usize + 1)),
        };
        let label = |x: &f64| match self.x {
            Axis::Named(_) => format!("{x}"),
            Axis::Part => format!("{} %", 100.0 * (1.0 - 10_f64.powf(-x))),
        };
        chart
            .configure_mesh()
            .light_line_style(AXES.mix(0.0))
            .bold_line_style(AXES.mix(0.3))
            .axis_style(AXES)
            .x_labels(parts.unwrap_or(10))
            .x_label_formatter(&label)
            .y_label_formatter(&|y| if top < 10.0 { format!("{y:.1}") } else { grouped(*y) })
            .x_desc(named)
            .y_desc(self.y)
            .label_style(("sans-serif", 15))
            .draw()?;
        chart.draw_series(LineSeries::new(self.points.iter().copied(), LINE.stroke_width(2)))?;
        area.present()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_chart_is_svg_with_its_line_even_of_nothing() {
        for points in [vec![], vec![(0.0, 0.0)], vec![(0.0, 3.0), (1.0, 5.0)]] {
            let curve =
                Curve { title: "rate".to_owned(), x: Axis::Named("s"), y: "frames/s", points };
            let svg = curve.svg().expect("a chart");
            assert!(svg.starts_with("<svg") && svg.contains("rate"), "{svg}");
            assert!(svg.contains("<polyline"), "{svg}");
        }
    }

    #[test]
    fn times_rise_from_the_median_to_the_longest() {
        let mut times = Times::new().expect("times");
        (1..=1_000).for_each(|micros| times.add(Duration::from_micros(micros)));
        let curve = Curve::of_times(String::new(), &times);
        let (x, y) = curve.points[curve.points.len() - 1];
        assert!((2.9..=3.0).contains(&x) && (998.0..=1_001.0).contains(&y), "{x} {y}");
        assert!(curve.points.is_sorted_by(|low, high| low.1 <= high.1));
    }
}
