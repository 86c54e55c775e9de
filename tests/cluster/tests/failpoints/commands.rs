use node_failpoints::Point;
pub(crate) const CROSSED: &[&[Point]] = &[];
