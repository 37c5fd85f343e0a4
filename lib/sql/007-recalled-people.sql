-- Who adds a single number is mostly somebody who was looked up a moment ago. Instead of another look-up before it, the
-- statement itself finds out whether what was seen still holds: one round trip instead of two.

-- Stands for what was seen of a person.
create function :"schema".person_fingerprint(password_hash text, enabled boolean, privileges text[]) returns text
language sql stable
return encode(sha256(convert_to(row(password_hash, enabled, privileges)::text, 'UTF8')), 'hex');

-- The people among these usernames. A plan for any list of them is kept: the planner would make another one for each, as one
-- for a list that it knows looks cheaper, and that takes longer than the look-up. Columns of a host's view may have other
-- types of text.
drop function :"schema".find_people(text[]);
create function :"schema".find_people(usernames text[])
returns table (username text, password_hash text, enabled boolean, privileges text[], fingerprint text)
language plpgsql stable
set search_path = :"schema", pg_temp set enable_seqscan = off set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
begin
  return query
  with seen as materialized (
    select username::text, password_hash::text, enabled,
      array(select privilege::text from roles_access where roles_access.role = people.role order by privilege) as privileges
    from people
    where username = any(usernames)
  )
  select username, password_hash, enabled, privileges, person_fingerprint(password_hash, enabled, privileges) from seen;
end
$$;

-- As before, in one function, as a second one around it took half as long again; and a load that comes with a fingerprint goes
-- in only where it is still the one of its person.
drop function :"schema".insert_single_loads(jsonb);
create or replace function :"schema".insert_single_loads(given jsonb, longest_wait integer)
returns table (id bigint, number text)
language plpgsql
set search_path = :"schema", pg_temp set enable_bitmapscan = off set enable_seqscan = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
begin
  perform set_config('lock_timeout', longest_wait::text, true);
  return query
  with wanted as (
    select * from jsonb_to_recordset(given) as wanted (
      person text, fingerprint text, source text, number text collate "C", alias text collate "C",
      class integer, ingroup integer, customer integer, region integer, stype text)
    where (wanted.fingerprint is null or wanted.fingerprint = (
        select person_fingerprint(password_hash, enabled, array(
          select privilege::text from roles_access where roles_access.role = people.role order by privilege))
        from people where username = wanted.person))
      and (select id from classes where id = wanted.class
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
