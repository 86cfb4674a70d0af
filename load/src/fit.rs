//! The straight line through points, by least squares.

use serde::Serialize;

/// `y = intercept + slope · x`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Line {
    pub(crate) slope: f64,
    pub(crate) intercept: f64,
    /// The part of the variance that the line explains: 1 if every point lies on it.
    pub(crate) r_squared: f64,
}

/// The line, if the points have two places at least.
pub(crate) fn line(points: &[(f64, f64)]) -> Option<Line> {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        points.iter().map(|point| of(point.0 - x, point.1 - y)).sum()
    };
    let (xx, xy, yy) = (sum(&|x, _| x * x), sum(&|x, y| x * y), sum(&|_, y| y * y));
    let slope = xy / xx;
    // Points at one height lie on a line too.
    let r_squared = if yy == 0.0 { 1.0 } else { xy * xy / (xx * yy) };
    slope.is_finite().then_some(Line { slope, intercept: y - slope * x, r_squared })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_a_line_give_it_back() {
        let points: Vec<_> = (0..9).map(f64::from).map(|x| (x, 3.0 + 7.0 * x)).collect();
        let line = line(&points).expect("a line");
        assert!((line.slope - 7.0).abs() < 1e-9 && (line.intercept - 3.0).abs() < 1e-9, "{line:?}");
        assert!((line.r_squared - 1.0).abs() < 1e-12, "{line:?}");
    }

    #[test]
    fn scatter_is_told() {
        // By hand: means 1 and 2, xx 2, xy 1, yy 2.
        let line = line(&[(0.0, 1.0), (1.0, 3.0), (2.0, 2.0)]).expect("a line");
        assert_eq!(line, Line { slope: 0.5, intercept: 1.5, r_squared: 0.25 });
    }

    #[test]
    fn one_place_makes_no_line() {
        assert_eq!(line(&[]), None);
        assert_eq!(line(&[(1.0, 2.0), (1.0, 3.0)]), None);
        let level = line(&[(1.0, 2.0), (2.0, 2.0)]).expect("a line");
        assert_eq!((level.slope, level.r_squared), (0.0, 1.0));
    }
}
