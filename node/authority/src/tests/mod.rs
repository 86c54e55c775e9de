//! Rule by rule, on a small city.

mod change;
mod city;
mod counts;
mod farewell;
mod flood;
mod holds;
mod quota;
mod refused;
mod shown;
mod stands;
mod written;
