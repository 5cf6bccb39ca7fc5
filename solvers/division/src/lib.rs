//! Fathom: fair division of goods, chores and mixed items
