mod invalid;
mod mutation;
mod round_trip;
mod shared_data;
mod valid;
