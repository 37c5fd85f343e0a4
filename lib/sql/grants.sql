-- What two roles may do with the tables of the plugin, and nothing more. Run it as the owner of the tables, once and
-- after every migration; the roles are those that you have created:
--
--   psql "$DATABASE_URL" -v schema=telco -v server=telco_server -v operator=telco_operator -f grants.sql
--
-- server    the plugin with migrate: false: loads numbers, charges, undoes; reads hashes of passwords, changes no person
-- operator  the command line: lists loads, quotes, undoes; adds no numbers and reads no hashes

revoke all on all tables in schema :"schema" from :"server", :"operator";

grant usage on schema :"schema" to :"server", :"operator";

grant select on
  :"schema".telco_numbers_migrations, :"schema".classes, :"schema".ingroups, :"schema".regions, :"schema".customers,
  :"schema".plans, :"schema".plan_classes, :"schema".loads, :"schema".transactions, :"schema".numbers
  to :"server", :"operator";

-- Who may call, and the count of wrong passwords.
grant select on :"schema".people, :"schema".roles_access to :"server";
grant select, insert, update, delete on :"schema".login_failures to :"server";

-- A load: what it says is written once. What identifies a row, and when it was made, nobody chooses.
grant insert (person, source, start, "end", count, alias, class, ingroup, customer, region, stype, charge_customer)
  on :"schema".loads to :"server";
grant insert on :"schema".numbers to :"server";

-- A charge, and its reversal.
grant insert (customer, load, text, quantity, unit_price, amount, balance_after)
  on :"schema".transactions to :"server", :"operator";
grant update (balance) on :"schema".customers to :"server", :"operator";
grant update (charged) on :"schema".loads to :"server";

-- Undoing a load.
grant delete on :"schema".numbers to :"server", :"operator";
grant update (undone_at, undone_by) on :"schema".loads to :"server", :"operator";
