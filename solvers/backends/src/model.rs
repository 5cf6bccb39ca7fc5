//! A linear or mixed-integer model as plain data.

use fathom_opt_problems::Sense;

use crate::error::{Error, ModelPlace};

/// Which values a column may take between its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Integrality {
    /// Any real number.
    #[default]
    Continuous,
    /// Whole numbers only.
    Integer,
}

/// A column (variable) of a [`Model`], by its index from 0 in the order of addition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Column(pub usize);

/// A row (constraint) of a [`Model`], by its index from 0 in the order of addition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row(pub usize);

/// The worst broken bound, row or integrality of a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Violation {
    /// What is broken.
    pub place: ModelPlace,
    /// By how much, in the units of the row or column.
    pub amount: f64,
}

/// One column: its part of the objective, its bounds (infinite where there is none) and its integrality.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ColumnData {
    pub cost: f64,
    pub lower: f64,
    pub upper: f64,
    pub integrality: Integrality,
}

/// One row, `lower <= sum of coefficient * column <= upper`; each column at most once, no zero coefficients.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RowData {
    pub lower: f64,
    pub upper: f64,
    pub terms: Vec<(usize, f64)>,
}

impl RowData {
    pub fn activity(&self, values: &[f64]) -> f64 {
        self.terms.iter().map(|&(column, coefficient)| coefficient * values[column]).sum()
    }
}

/// A linear or mixed-integer linear model: min or max `cost' x + offset` subject to `lower <= A x <= upper` on rows and
/// `lower <= x <= upper` on columns, some columns integer.
///
/// Plain data: cheap to clone, free to move between threads, solved as often as wanted with [`solve`](Model::solve). For solving again
/// after changes, a [`LiveModel`](crate::LiveModel) starts where the last solve ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    sense: Sense,
    offset: f64,
    columns: Vec<ColumnData>,
    rows: Vec<RowData>,
    coefficients: usize,
}

impl Model {
    /// What HiGHS takes for infinite in bounds and costs (its options `infinite_bound`, `infinite_cost`).
    const INFINITE: f64 = 1e20;
    /// Coefficients up to this magnitude are zero to HiGHS (its option `small_matrix_value`).
    const SMALLEST_COEFFICIENT: f64 = 1e-9;
    /// Coefficients from this magnitude on are refused by HiGHS (its option `large_matrix_value`).
    const LARGEST_COEFFICIENT: f64 = 1e15;
    /// HiGHS counts columns, rows and coefficients with 32-bit signed integers.
    const LARGEST_COUNT: usize = i32::MAX.unsigned_abs() as usize;
    /// How far a row, a bound or integrality may be broken by a point that HiGHS calls feasible
    /// (the default of its option `mip_feasibility_tolerance`; linear programs keep to 1e-7), absolute.
    pub const FEASIBILITY_TOLERANCE: f64 = 1e-6;

    /// A model with no columns and no rows.
    pub fn new(sense: Sense) -> Self {
        Self { sense, offset: 0.0, columns: Vec::new(), rows: Vec::new(), coefficients: 0 }
    }

    /// Whether the objective is to be made small or large.
    pub fn sense(&self) -> Sense {
        self.sense
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Whether any column is integer, so that a solve branches and has no dual values.
    pub fn is_mixed_integer(&self) -> bool {
        self.columns.iter().any(|column| column.integrality == Integrality::Integer)
    }

    /// Adds a column with its objective coefficient, its bounds (infinite where there is none) and its integrality, in no row yet.
    ///
    /// # Errors
    /// A cost that is not finite or of magnitude 1e20 and more, NaN or crossed bounds, more columns than HiGHS can count.
    pub fn add_column(&mut self, cost: f64, lower: f64, upper: f64, integrality: Integrality) -> Result<Column, Error> {
        self.add_column_in_rows(cost, lower, upper, integrality, [])
    }

    /// Adds a column of whole numbers 0 or 1.
    ///
    /// # Errors
    /// As [`add_column`](Self::add_column).
    pub fn add_binary(&mut self, cost: f64) -> Result<Column, Error> {
        self.add_column(cost, 0.0, 1.0, Integrality::Integer)
    }

    /// Adds a column together with its coefficients in rows that exist (column generation). A row named twice gets the sum.
    ///
    /// # Errors
    /// As [`add_column`](Self::add_column); a row that does not exist; a coefficient that is not finite, or nonzero outside 1e-9 to 1e15.
    pub fn add_column_in_rows(
        &mut self,
        cost: f64,
        lower: f64,
        upper: f64,
        integrality: Integrality,
        terms: impl IntoIterator<Item = (Row, f64)>,
    ) -> Result<Column, Error> {
        let column = self.columns.len();
        if column >= Self::LARGEST_COUNT {
            return Err(Error::TooLarge { what: "columns" });
        }
        Self::check_cost(cost, ModelPlace::Column(column))?;
        Self::check_bounds(lower, upper, ModelPlace::Column(column))?;
        let terms = self.merged(
            terms.into_iter().map(|(Row(row), value)| (row, value)),
            |row| (row, column),
            |model, row| model.row(row).map(|_| ()),
        )?;
        self.coefficients += terms.len();
        for &(row, coefficient) in &terms {
            self.rows[row].terms.push((column, coefficient));
        }
        self.columns.push(ColumnData { cost, lower, upper, integrality });
        Ok(Column(column))
    }

    /// Adds the row `lower <= sum of coefficient * column <= upper`, infinite bounds where there is none. A column named twice gets the sum.
    ///
    /// # Errors
    /// NaN or crossed bounds; a column that does not exist; a coefficient that is not finite, or nonzero outside 1e-9 to 1e15; more rows or
    /// coefficients than HiGHS can count.
    pub fn add_row(&mut self, lower: f64, upper: f64, terms: impl IntoIterator<Item = (Column, f64)>) -> Result<Row, Error> {
        let row = self.rows.len();
        if row >= Self::LARGEST_COUNT {
            return Err(Error::TooLarge { what: "rows" });
        }
        Self::check_bounds(lower, upper, ModelPlace::Row(row))?;
        let terms = self.merged(
            terms.into_iter().map(|(Column(column), value)| (column, value)),
            |column| (row, column),
            |model, column| model.column(column).map(|_| ()),
        )?;
        self.coefficients += terms.len();
        self.rows.push(RowData { lower, upper, terms });
        Ok(Row(row))
    }

    /// Sets the objective's sense.
    pub fn set_sense(&mut self, sense: Sense) {
        self.sense = sense;
    }

    /// Sets the objective's constant term, 0 in a new model.
    ///
    /// # Errors
    /// A number that is not finite.
    pub fn set_offset(&mut self, offset: f64) -> Result<(), Error> {
        if !offset.is_finite() {
            return Err(Error::NotFinite { what: "value", place: ModelPlace::Offset, value: offset });
        }
        self.offset = offset;
        Ok(())
    }

    /// Sets a column's objective coefficient.
    ///
    /// # Errors
    /// A column that does not exist; a cost that is not finite or of magnitude 1e20 and more.
    pub fn set_cost(&mut self, Column(column): Column, cost: f64) -> Result<(), Error> {
        self.column(column)?;
        Self::check_cost(cost, ModelPlace::Column(column))?;
        self.columns[column].cost = cost;
        Ok(())
    }

    /// Sets a column's bounds.
    ///
    /// # Errors
    /// A column that does not exist; NaN or crossed bounds.
    pub fn set_column_bounds(&mut self, Column(column): Column, lower: f64, upper: f64) -> Result<(), Error> {
        self.column(column)?;
        Self::check_bounds(lower, upper, ModelPlace::Column(column))?;
        (self.columns[column].lower, self.columns[column].upper) = (lower, upper);
        Ok(())
    }

    /// Sets which values a column may take.
    ///
    /// # Errors
    /// A column that does not exist.
    pub fn set_integrality(&mut self, Column(column): Column, integrality: Integrality) -> Result<(), Error> {
        self.column(column)?;
        self.columns[column].integrality = integrality;
        Ok(())
    }

    /// Sets a row's bounds; infinite on both sides takes the row out of force.
    ///
    /// # Errors
    /// A row that does not exist; NaN or crossed bounds.
    pub fn set_row_bounds(&mut self, Row(row): Row, lower: f64, upper: f64) -> Result<(), Error> {
        self.row(row)?;
        Self::check_bounds(lower, upper, ModelPlace::Row(row))?;
        (self.rows[row].lower, self.rows[row].upper) = (lower, upper);
        Ok(())
    }

    /// Sets the coefficient of a column in a row; zero takes the column out of it.
    ///
    /// # Errors
    /// A row or column that does not exist; a coefficient that is not finite, or nonzero outside 1e-9 to 1e15.
    pub fn set_coefficient(&mut self, Row(row): Row, Column(column): Column, coefficient: f64) -> Result<(), Error> {
        self.row(row)?;
        self.column(column)?;
        Self::check_coefficient(coefficient, ModelPlace::Coefficient { row, column })?;
        let terms = &mut self.rows[row].terms;
        let before = terms.len();
        match terms.iter().position(|term| term.0 == column) {
            Some(at) if coefficient == 0.0 => {
                terms.remove(at);
            }
            Some(at) => terms[at].1 = coefficient,
            None if coefficient == 0.0 => {}
            None => terms.push((column, coefficient)),
        }
        self.coefficients = self.coefficients - before + self.rows[row].terms.len();
        Ok(())
    }

    /// The objective at a point.
    ///
    /// # Errors
    /// A point with the wrong number of values.
    pub fn objective(&self, values: &[f64]) -> Result<f64, Error> {
        self.check_length(values)?;
        Ok(self.offset + self.columns.iter().zip(values).map(|(column, value)| column.cost * value).sum::<f64>())
    }

    /// The bound, row or integrality that a point breaks most, `None` when it breaks none at all. A NaN breaks its place infinitely.
    ///
    /// # Errors
    /// A point with the wrong number of values.
    pub fn violation(&self, values: &[f64]) -> Result<Option<Violation>, Error> {
        self.check_length(values)?;
        let outside =
            |value: f64, lower: f64, upper: f64| if value.is_nan() { f64::INFINITY } else { (lower - value).max(value - upper).max(0.0) };
        let of_columns = self.columns.iter().zip(values).enumerate().map(|(index, (column, &value))| {
            let fraction = if column.integrality == Integrality::Integer { (value - value.round()).abs() } else { 0.0 };
            Violation { place: ModelPlace::Column(index), amount: outside(value, column.lower, column.upper).max(fraction) }
        });
        let of_rows = self
            .rows
            .iter()
            .enumerate()
            .map(|(index, row)| Violation { place: ModelPlace::Row(index), amount: outside(row.activity(values), row.lower, row.upper) });
        Ok(of_columns.chain(of_rows).filter(|violation| violation.amount > 0.0).max_by(|a, b| a.amount.total_cmp(&b.amount)))
    }

    /// The coefficient of a column in a row, `None` where there is none.
    pub fn coefficient(&self, Row(row): Row, Column(column): Column) -> Option<f64> {
        // From the end, where a column that was just added stands.
        self.rows.get(row)?.terms.iter().rev().find(|term| term.0 == column).map(|term| term.1)
    }

    /// The same rows, bounds and integrality, with the objective 0.
    pub(crate) fn without_objective(&self) -> Self {
        let columns = self.columns.iter().map(|column| ColumnData { cost: 0.0, ..column.clone() }).collect();
        Self { offset: 0.0, columns, ..self.clone() }
    }

    pub(crate) fn column_data(&self) -> &[ColumnData] {
        &self.columns
    }

    pub(crate) fn row_data(&self) -> &[RowData] {
        &self.rows
    }

    pub(crate) fn offset(&self) -> f64 {
        self.offset
    }

    fn column(&self, column: usize) -> Result<&ColumnData, Error> {
        self.columns.get(column).ok_or_else(|| self.no_such(ModelPlace::Column(column)))
    }

    fn row(&self, row: usize) -> Result<&RowData, Error> {
        self.rows.get(row).ok_or_else(|| self.no_such(ModelPlace::Row(row)))
    }

    fn no_such(&self, place: ModelPlace) -> Error {
        Error::NoSuch { place, columns: self.columns.len(), rows: self.rows.len() }
    }

    /// Checks a new row's or column's terms and adds up those that name the same index, in order of index.
    fn merged(
        &self,
        terms: impl Iterator<Item = (usize, f64)>,
        cell: impl Fn(usize) -> (usize, usize),
        exists: impl Fn(&Self, usize) -> Result<(), Error>,
    ) -> Result<Vec<(usize, f64)>, Error> {
        let place = |index| {
            let (row, column) = cell(index);
            ModelPlace::Coefficient { row, column }
        };
        let mut sorted = Vec::with_capacity(terms.size_hint().0);
        for (index, value) in terms {
            exists(self, index)?;
            if !value.is_finite() {
                return Err(Error::NotFinite { what: "coefficient", place: place(index), value });
            }
            sorted.push((index, value));
        }
        sorted.sort_by_key(|term| term.0);
        let mut merged = Vec::with_capacity(sorted.len());
        for parts in sorted.chunk_by(|a, b| a.0 == b.0) {
            let index = parts[0].0;
            let sum: f64 = parts.iter().map(|part| part.1).sum();
            let scale: f64 = parts.iter().map(|part| part.1.abs()).sum();
            // What is left when parts cancel (0.1 + 0.2 - 0.3) is rounding, not a coefficient.
            let cancelled = parts.len() > 1 && scale.is_finite() && sum.abs() <= 4.0 * f64::EPSILON * scale;
            if sum != 0.0 && !cancelled {
                Self::check_coefficient(sum, place(index))?;
                merged.push((index, sum));
            }
        }
        if merged.len() > Self::LARGEST_COUNT - self.coefficients.min(Self::LARGEST_COUNT) {
            return Err(Error::TooLarge { what: "coefficients" });
        }
        Ok(merged)
    }

    fn check_cost(cost: f64, place: ModelPlace) -> Result<(), Error> {
        if !cost.is_finite() {
            return Err(Error::NotFinite { what: "cost", place, value: cost });
        }
        if cost.abs() >= Self::INFINITE {
            return Err(Error::Magnitude { what: "cost", place, value: cost, smallest: 0.0, largest: Self::INFINITE });
        }
        Ok(())
    }

    /// HiGHS would drop a smaller coefficient without a word, which changes the model and with it what its bound proves.
    fn check_coefficient(value: f64, place: ModelPlace) -> Result<(), Error> {
        if !value.is_finite() {
            return Err(Error::NotFinite { what: "coefficient", place, value });
        }
        let (smallest, largest) = (Self::SMALLEST_COEFFICIENT, Self::LARGEST_COEFFICIENT);
        if value != 0.0 && (value.abs() <= smallest || value.abs() >= largest) {
            return Err(Error::Magnitude { what: "coefficient", place, value, smallest, largest });
        }
        Ok(())
    }

    fn check_bounds(lower: f64, upper: f64, place: ModelPlace) -> Result<(), Error> {
        // Written so that a NaN on either side fails.
        if lower <= upper && lower < Self::INFINITE && upper > -Self::INFINITE {
            Ok(())
        } else {
            Err(Error::Bounds { place, lower, upper })
        }
    }

    fn check_length(&self, values: &[f64]) -> Result<(), Error> {
        if values.len() == self.columns.len() {
            Ok(())
        } else {
            Err(Error::Length { what: "point", found: values.len(), expected: self.columns.len() })
        }
    }
}
