"""The join and the tables of a day in DuckDB's SQL, as an analyst would write them.

What Tillage does beyond it: checks of each value, rejections, clock offsets, people
that differ, averaged distributions, pseudonyms by HMAC, staging and publishing.
"""

import argparse
import json
import pathlib
import sys
import time
from collections.abc import Sequence

import duckdb

from benchmarks import large_days

_STEPS = """
set timezone = 'UTC';

create table lines as
select *, dense_rank() over (order by store_id, register_id, transaction_id) as receipt
from read_parquet('{purchases}/*.parquet');

create table receipts as
select receipt, any_value(store_id) as store_id, any_value(register_id) as register_id,
       any_value(started_at) as started_at, any_value(paid_at) as paid_at
from lines group by receipt;

create table matched as
select receipt, avg(age_years) as age_years,
       avg(list_sum(age_distribution[1:18]) / 65535) as p_under_18,
       avg(list_sum(age_distribution[1:25]) / 65535) as p_under_25
from receipts join read_parquet('{photos}/**/*.parquet') as photo
  on receipts.store_id = photo.store_id and receipts.register_id = photo.register_id
 and captured_at_utc between started_at and paid_at
where age_years is not null
group by receipt;

create table aged as
select lines.*, age_years, p_under_18, p_under_25,
       coalesce(least(floor(age_years / 5), 20), -1) as age_band,
       md5(concat_ws('|', store_id, register_id, transaction_id)) as basket_id
from lines left join matched using (receipt);

copy (select store_id, basket_id, line_number, product_id, product_name, category,
             quantity, amount, currency, hour(paid_at) as local_hour, age_years
      from aged) to '{output}/purchase_ages.parquet' (format parquet, codec zstd);

copy (select store_id, product_id, product_name, category, age_restricted, age_band,
             currency, count(distinct receipt) as baskets, count(*) as lines,
             sum(amount) as spend
      from aged group by all)
  to '{output}/demand_by_product.parquet' (format parquet, codec zstd);

copy (select store_id, category, age_restricted, age_band, currency,
             count(distinct receipt) as baskets, count(*) as lines,
             sum(amount) as spend
      from aged group by all)
  to '{output}/demand_by_category.parquet' (format parquet, codec zstd);

copy (select store_id, age_band, currency, count(distinct receipt) as baskets,
             count(*) as lines, sum(amount) as spend
      from aged group by all)
  to '{output}/demand_total.parquet' (format parquet, codec zstd);

create table restricted as
select store_id, md5(cashier_id) as cashier_id, basket_id as sale_id,
       any_value(hour(paid_at)) as local_hour, any_value(p_under_18) as p_under_18,
       any_value(p_under_25) as p_under_25, min(id_check) as id_check
from aged where age_restricted group by all;

copy restricted to '{output}/restricted_sales.parquet' (format parquet, codec zstd);

copy (select store_id, cashier_id, local_hour // 4 as hour_band,
             count(*) as restricted_sales, count(p_under_25) as aged_sales,
             sum(p_under_18) as sum_p_under_18, sum(p_under_25) as sum_p_under_25
      from restricted group by all)
  to '{output}/cashier_days.parquet' (format parquet, codec zstd);
"""


def main(argv: Sequence[str]) -> int:
    """Writes the tables, and prints their rows and the seconds as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--input", required=True)
    parser.add_argument("--warehouse", required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    flags = parser.parse_args(argv)
    flags.output.mkdir(parents=True)
    steps = _STEPS.format(
        purchases=f"{flags.input}/purchases/date={large_days.DATE}",
        photos=f"{flags.warehouse}/scores/photo_ages/date={large_days.DATE}",
        output=flags.output,
    )
    started = time.perf_counter()
    duckdb.execute(steps)
    seconds = time.perf_counter() - started
    rows = {
        path.stem: duckdb.read_parquet(str(path)).count("*").fetchall()[0][0]
        for path in sorted(flags.output.iterdir())
    }
    print(json.dumps({"seconds": seconds, "rows": rows}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
