//! How far a matrix may be from symmetric.

/// Differences between an entry and its mirror image up to this part of the larger of the two (or of the smaller of their diagonal entries) are taken as the rounding of
/// whoever assembled the matrix; solvers for symmetric matrices refuse larger ones. What remains is part of the matrix all the same: residuals are those of the matrix as it stands.
pub(crate) const ROUNDING: f64 = 1e-12;

/// Whether `a_ij` and `a_ji` are equal but for rounding; the other two are the diagonal entries of their rows.
pub(crate) fn equal_but_for_rounding(a: f64, mirror: f64, diagonal: (f64, f64)) -> bool {
    let size = a.abs().max(mirror.abs()).max(diagonal.0.abs().min(diagonal.1.abs()));
    (a - mirror).abs() <= ROUNDING * size
}
