//! Rule by rule, on a small city.

mod change;
mod city;
mod counts;
mod holds;
mod refused;
mod stands;
mod written;
