-- Partitions numbers by the first digit of the number; docs/scale.md explains its benefits and costs. Run it with psql, as the
-- owner of the tables. It locks numbers until it is done:
--   psql "$DATABASE_URL" --set ON_ERROR_STOP=1 --set schema=telco --file partition-numbers.sql

begin;

-- A unique index of a partitioned table must include the partition key, so the index on alias cannot keep aliases unique.
-- This table does, by the triggers below, for every writer. It also finds the number of an alias.
create table :"schema".number_aliases (
  alias text collate "C" primary key,
  number text collate "C" not null
);

create function :"schema".add_aliases() returns trigger
language plpgsql security definer set search_path = :"schema", pg_temp set row_security = off
as $$
begin
  insert into number_aliases select alias, number from written where alias is not null;
  return null;
end
$$;

create function :"schema".remove_aliases() returns trigger
language plpgsql security definer set search_path = :"schema", pg_temp set row_security = off
as $$
begin
  delete from number_aliases using removed where removed.alias is not null and number_aliases.alias = removed.alias;
  return null;
end
$$;

create function :"schema".replace_aliases() returns trigger
language plpgsql security definer set search_path = :"schema", pg_temp set row_security = off
as $$
begin
  -- Changed aliases only: an update of other columns costs one comparison of both sides.
  delete from number_aliases
    using (
      select alias, number from removed where alias is not null
      except all
      select alias, number from written where alias is not null
    ) as gone
    where number_aliases.alias = gone.alias;
  insert into number_aliases
    select alias, number from written where alias is not null
    except all
    select alias, number from removed where alias is not null;
  return null;
end
$$;

create function :"schema".truncate_aliases() returns trigger
language plpgsql security definer set search_path = :"schema", pg_temp set row_security = off
as $$
begin
  -- A snapshot from before TRUNCATE gets its lock misses the rows that were added during the wait.
  if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
    raise exception '% can be truncated only in a READ COMMITTED transaction', tg_table_name
      using errcode = 'feature_not_supported', schema = tg_table_schema, table = tg_table_name;
  end if;
  execute format('delete from number_aliases using %s as truncated where number_aliases.alias = truncated.alias', tg_relid::regclass);
  return null;
end
$$;

create trigger numbers_aliases_inserted
  after insert on :"schema".numbers
  referencing new table as written
  for each statement execute function :"schema".add_aliases();

create trigger numbers_aliases_updated
  after update on :"schema".numbers
  referencing old table as removed new table as written
  for each statement execute function :"schema".replace_aliases();

create trigger numbers_aliases_deleted
  after delete on :"schema".numbers
  referencing old table as removed
  for each statement execute function :"schema".remove_aliases();

create trigger numbers_aliases_truncated
  before truncate on :"schema".numbers
  for each statement execute function :"schema".truncate_aliases();

revoke execute on function
  :"schema".add_aliases(), :"schema".remove_aliases(), :"schema".replace_aliases(), :"schema".truncate_aliases()
from public;

create or replace view :"schema".aliases as select alias, number from :"schema".number_aliases;
insert into :"schema".number_aliases select alias, number from :"schema".numbers where alias is not null;
drop index :"schema".numbers_alias_key;

-- Recreates numbers with a partition before, between and after the boundaries, and moves all rows into them, with the
-- indexes, triggers, grants, foreign keys and comment of the table. Refuses if it would lose something else. Another call changes the boundaries: partition_numbers('{1,2,20,21,22,3}').
create function :"schema".partition_numbers(boundaries text[]) returns void
language plpgsql set search_path = :"schema", pg_temp
as $$
declare
  qualified text := (
    select format('%I.%I', nspname, relname)
    from pg_class join pg_namespace on pg_namespace.oid = relnamespace where pg_class.oid = 'numbers'::regclass);
  -- The definition of an index of a partitioned table has ON ONLY, which would leave the partitions without it.
  indexes text[] := array(
    select replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')
    from pg_index where indrelid = 'numbers'::regclass and not indisprimary and not indisexclusion);
  constraints text[] := array(
    select format('alter table numbers add constraint %I %s', conname, pg_get_constraintdef(oid))
    from pg_constraint where conrelid = 'numbers'::regclass and contype in ('f', 'x'));
  grants text[] := array(
    select format('grant %s%s on numbers to %s%s', privilege_type, columns, case grantee when 0 then 'public' else grantee::regrole::text end,
      case when is_grantable then ' with grant option' end)
    from (
      select '' as columns, relacl as acl from pg_class where oid = 'numbers'::regclass
      union all
      select format(' (%I)', attname), attacl from pg_attribute where attrelid = 'numbers'::regclass and not attisdropped
    ) as granted, aclexplode(acl)
    where grantee <> (select relowner from pg_class where oid = 'numbers'::regclass));
  description text := obj_description('numbers'::regclass, 'pg_class');
  obstacle text;
  bounds text[] := array(select distinct boundary collate "C" from unnest(boundaries) as boundary order by 1);
  triggers text[] := array(
    select pg_get_triggerdef(oid) from pg_trigger where tgrelid = 'numbers'::regclass and not tgisinternal);
  statement text;
  partition regclass;
  old_partition regclass;
begin
  lock table numbers in access exclusive mode;
  select format('its owner is %I, not the current role', pg_get_userbyid(relowner))
    from pg_class where oid = 'numbers'::regclass and pg_get_userbyid(relowner) <> current_user
  union all
  select format('publication %I contains it', pubname)
    from pg_publication_rel join pg_publication on pg_publication.oid = prpubid where prrelid = 'numbers'::regclass
  union all
  select format('it has the policy %I', polname) from pg_policy where polrelid = 'numbers'::regclass
  union all
  select format('it has the rule %I', rulename) from pg_rewrite where ev_class = 'numbers'::regclass
  union all
  select format('trigger %I is not in its default state', tgname) from pg_trigger
    where tgrelid = 'numbers'::regclass and not tgisinternal and tgenabled <> 'O' and tgname not like 'numbers\_aliases\_%'
  into obstacle;
  if obstacle is not null then
    raise exception 'numbers cannot be partitioned: %', obstacle using errcode = 'object_not_in_prerequisite_state';
  end if;
  for old_partition in select inhrelid from pg_inherits where inhparent = 'numbers'::regclass loop
    execute format('alter table %s rename to %I', old_partition, 'numbers_before_' || old_partition::oid);
  end loop;
  alter table numbers rename to numbers_before;
  create table numbers (like numbers_before including all excluding indexes) partition by range (number);
  for place in 0 .. cardinality(bounds) loop
    execute format('create table %I partition of numbers for values from (%s) to (%s)',
      'numbers_from_' || coalesce(bounds[place], 'start'),
      coalesce(quote_literal(bounds[place]), 'minvalue'), coalesce(quote_literal(bounds[place + 1]), 'maxvalue'));
  end loop;
  insert into numbers select * from numbers_before;
  drop table numbers_before;

  alter table numbers add primary key (number);
  foreach statement in array indexes || constraints || grants || triggers loop
    execute statement;
  end loop;
  execute format('comment on table numbers is %L', description);
  -- A statement trigger belongs to the table that the statement names, which may be a partition.
  for partition in select inhrelid from pg_inherits where inhparent = 'numbers'::regclass loop
    foreach statement in array triggers loop
      continue when statement !~ ' FOR EACH STATEMENT ';
      execute replace(statement, format(' ON %s ', qualified), format(' ON %s ', partition));
    end loop;
  end loop;
  -- Also for writers with session_replication_role = replica, which could otherwise insert an alias twice.
  for partition in select 'numbers'::regclass union all select inhrelid from pg_inherits where inhparent = 'numbers'::regclass loop
    for statement in select tgname from pg_trigger where tgrelid = partition and tgname like 'numbers\_aliases\_%' loop
      execute format('alter table %s enable always trigger %I', partition, statement);
    end loop;
  end loop;
end
$$;

select :"schema".partition_numbers('{1,2,3,4,5,6,7,8,9}');

commit;
