"""Category: one of a set of values, equal or not and nothing else; yes/no columns are categories of two.

Frequent values have a symbol each. The many rare ones of a long column share a few symbols, grouped by how
often they were seen; a noise leaf says which value of the group, in proportion to its count. So a column of
300,000 distinct values costs a model a few hundred symbols, and no value is made up that was never seen.

A value that one record alone holds is not made and not kept (`unshared`): its row is learned as one of the
rarest of the others, and so is any value that comes later and was never seen, for one cannot be told from the
other without keeping it.
"""

from sampan.fields.category.codec import CategoryCodec
from sampan.fields.category.field import Category

__all__ = ["Category", "CategoryCodec"]
