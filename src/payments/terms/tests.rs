//! The table of CONTRACT 4.1 and the rules 8.1 and 8.7, claim by claim.

mod claims_table;
mod decimals;
mod fixture;
mod pages;
mod prices;
