-- Grants two existing roles the rights that they need on the plugin's tables, and no others. Run it as the owner of the tables,
-- once and after every migration:
--
--   fastify-telco-numbers grants --server telco_server --operator telco_operator
--
-- or
--
--   psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -v schema=telco -v server=telco_server -v operator=telco_operator -f grants.sql
--
-- server    for the plugin with migrate: false: adds, changes and deletes numbers, charges, undoes; reads password hashes,
--           changes no person
-- operator  for the command line: lists, quotes, changes and deletes numbers, undoes; loads no numbers and reads no hashes

-- One transaction: no call of a running server finds the rights revoked, and a role that does not exist changes nothing.
begin;

-- After a restore without privileges, every role could execute the functions that run with the rights of their owner. Objects
-- that are not the plugin's may be in the same schema, so its own are named.
revoke execute on function
  :"schema".transaction_started(timestamptz), :"schema".next_change_id(), :"schema".refuse_customer_cycle(),
  :"schema".check_number_references(), :"schema".refuse_other_than_digits(), :"schema".refuse_referenced(), :"schema".refuse_truncate(),
  :"schema".guard_references(text, text, text), :"schema".person_fingerprint(text, boolean, text[]), :"schema".find_people(text[]),
  :"schema".refuse_overtaken(bigint[]), :"schema".insert_short_load, :"schema".insert_single_loads(jsonb, integer),
  :"schema".insert_charged_loads(jsonb, integer)
from public;

-- A host may have dropped what it does not need, and only partitioned numbers have partitions, number_aliases and its functions.
set local telco_numbers.schema = :"schema";
set local telco_numbers.server = :"server";
set local telco_numbers.operator = :"operator";
do $$
declare
  home text := quote_ident(current_setting('telco_numbers.schema'));
  statement text;
begin
  for statement in
    select format('revoke execute on function %s from public', of_partitions)
    from unnest('{add_aliases(),remove_aliases(),replace_aliases(),truncate_aliases(),partition_numbers(text[])}'::text[]) as name,
      to_regprocedure(home || '.' || name) as of_partitions
    where of_partitions is not null
    union all
    select format('revoke all on %s from %I, %I', relation, current_setting('telco_numbers.server'), current_setting('telco_numbers.operator'))
    from (
      select to_regclass(home || '.' || name) as relation
      from unnest('{telco_numbers_migrations,roles,roles_access,people,plans,plan_classes,customers,classes,ingroups,regions,loads}'::text[] ||
        '{load_range_arrays,load_ranges,changes,changed_runs,transactions,numbers,aliases,login_failures,known_sources}'::text[] ||
        '{number_aliases}'::text[]) as name
      union all
      select inhrelid::regclass from pg_inherits where inhparent = to_regclass(home || '.numbers')
    ) as relations
    where relation is not null
  loop
    execute statement;
  end loop;
end
$$;

grant execute on function
  :"schema".person_fingerprint(text, boolean, text[]), :"schema".find_people(text[]),
  :"schema".insert_short_load, :"schema".insert_single_loads(jsonb, integer), :"schema".insert_charged_loads(jsonb, integer),
  :"schema".refuse_overtaken(bigint[]), :"schema".transaction_started(timestamptz)
  to :"server", :"operator";

grant usage on schema :"schema" to :"server", :"operator";

grant select on
  :"schema".telco_numbers_migrations, :"schema".classes, :"schema".ingroups, :"schema".regions, :"schema".customers,
  :"schema".plans, :"schema".plan_classes, :"schema".loads, :"schema".load_range_arrays, :"schema".load_ranges, :"schema".changes,
  :"schema".changed_runs, :"schema".transactions, :"schema".numbers, :"schema".aliases
  to :"server", :"operator";

-- For the check whether a sequence is behind its table.
grant select on sequence :"schema".loads_id_seq, :"schema".transactions_id_seq to :"server", :"operator";

-- The callers, the counts of wrong passwords, and the sources of right ones.
grant select on :"schema".people, :"schema".roles_access to :"server";
grant select, insert, update, delete on :"schema".login_failures, :"schema".known_sources to :"server";

-- A load is written once. The identifier and the time of a row have defaults that neither role can override.
grant insert (person, source, request_id, start, "end", count, alias, class, ingroup, customer, region, stype, charge_customer, ranges,
    transaction_at)
  on :"schema".loads to :"server";
grant insert on :"schema".load_range_arrays to :"server";
grant insert on :"schema".numbers to :"server";

-- A charge, its reversal, and a refund.
grant insert (customer, load, change, text, quantity, unit_price, amount, balance_after)
  on :"schema".transactions to :"server", :"operator";
grant update (balance) on :"schema".customers to :"server", :"operator";
grant update (charged) on :"schema".loads to :"server";

-- An update or a delete of numbers, with its record.
grant execute on function :"schema".next_change_id() to :"server", :"operator";
grant insert (kind, person, source, request_id, start, "end", count, new_values) on :"schema".changes to :"server", :"operator";
grant insert on :"schema".changed_runs to :"server", :"operator";
grant update (alias, class, ingroup, customer, region, stype) on :"schema".numbers to :"server", :"operator";

-- Undoing a load or a change. The operator inserts the numbers of a deletion that it undoes.
grant delete on :"schema".numbers to :"server", :"operator";
grant insert on :"schema".numbers to :"operator";
grant update (undone_at, undone_by) on :"schema".loads, :"schema".changes to :"server", :"operator";

commit;
