//! Online knapsacks: streams of items, tables of items, the text of published offline instances, and a generator.

mod bounds;
mod item_columns;
mod item_stream;
mod item_table;
mod knapsack_text;
mod online_items;
mod table_lines;

use fathom_opt_problems::online_knapsack::OnlineKnapsack;

pub use bounds::Bounds;
pub use item_columns::ItemTableOptions;
pub use item_stream::ItemStream;
pub use item_table::ItemTable;
pub use knapsack_text::KnapsackText;
pub use online_items::{DensityOrder, OnlineItems};
pub use table_lines::TableLines;

use crate::class::Class;

/// The class, with all by which it comes in and goes out.
pub fn class() -> Class {
    Class::of::<OnlineKnapsack>()
        .reads::<ItemStream>()
        .writes::<ItemStream>()
        .streams::<ItemStream>()
        .reads::<ItemTable>()
        .splits::<ItemTable>()
        .comes_by_line::<ItemTable>()
        .reads::<KnapsackText>()
        .generates_as_stream::<OnlineItems>()
}
