-- Inserts loads of different numbers, each of one number, and returns the identifiers of those that went in: a load goes
-- in where its references are good and neither its number nor its alias exists, as in the statement of insert-load.ts.
-- A function, because its plan is kept: planning takes longer than inserting a few rows. The look-ups are sub-selects that
-- are compared, not EXISTS, because the planner would make joins of those and read a big table through for a few rows.
-- In the order of the numbers, so that two calls cannot wait for each other in a circle.
create function :"schema".insert_single_loads(given jsonb) returns table (id bigint, number text)
language plpgsql set search_path = :"schema", pg_temp
as $$
#variable_conflict use_column
begin
  return query
  with wanted as (
    select * from jsonb_to_recordset(given) as wanted (
      person text, source text, number text collate "C", alias text collate "C",
      class integer, ingroup integer, customer integer, region integer, stype text)
    where (select id from classes where id = wanted.class
        and (classes.customer is null or wanted.customer is null or classes.customer = wanted.customer)) is not null
      and (select id from ingroups where id = wanted.ingroup) is not null
      and (wanted.customer is null or (select id from customers where id = wanted.customer) is not null)
      and (wanted.region is null or (select id from regions where id = wanted.region) is not null)
      and (select number from numbers where number = wanted.number) is null
      and (select alias from numbers where alias = wanted.alias) is null
    order by number
  ), load as (
    insert into loads
      (person, source, start, "end", count, alias, class, ingroup, customer, region, stype, charge_customer)
    select person, source, number, number, 1, alias, class, ingroup, customer, region, stype, false from wanted
    returning id, start
  ), inserted as (
    insert into numbers (number, alias, class, ingroup, customer, region, stype, load)
    select number, alias, class, ingroup, customer, region, stype, id from wanted join load on start = number
  )
  select id, start from load;
end
$$;
