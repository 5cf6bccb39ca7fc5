use std::fmt;

/// How a file lays out its matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Layout {
    /// One line per stored entry: row, column, value. For sparse matrices.
    Coordinate,
    /// One value per line, column after column. For dense matrices.
    Array,
}

/// What kind of numbers a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// Floating-point numbers.
    Real,
    /// Whole numbers; those beyond `2^53` in magnitude are refused, since an `f64` would round them.
    Integer,
    /// Positions alone; every stored entry counts as 1.
    Pattern,
}

/// Which entries a file leaves out because others imply them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Symmetry {
    /// None: every entry is stored.
    General,
    /// `a[i][j] = a[j][i]`: only the diagonal and what is below it is stored.
    Symmetric,
    /// `a[i][j] = -a[j][i]`: only what is strictly below the diagonal is stored.
    SkewSymmetric,
}

/// The banner, the first line of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Header {
    /// The layout.
    pub format: Layout,
    /// The kind of numbers.
    pub field: Field,
    /// The symmetry.
    pub symmetry: Symmetry,
}

impl fmt::Display for Layout {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Coordinate => "coordinate",
            Self::Array => "array",
        })
    }
}

impl fmt::Display for Field {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Real => "real",
            Self::Integer => "integer",
            Self::Pattern => "pattern",
        })
    }
}

impl fmt::Display for Symmetry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::General => "general",
            Self::Symmetric => "symmetric",
            Self::SkewSymmetric => "skew-symmetric",
        })
    }
}

/// The banner line as files have it, without the line end.
impl fmt::Display for Header {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "%%MatrixMarket matrix {} {} {}", self.format, self.field, self.symmetry)
    }
}
