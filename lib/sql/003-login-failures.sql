-- Wrong passwords, where processes count them together. The columns are those that rate-limiter-flexible expects; the
-- keys are digests.
create table :"schema".login_failures (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);

create index on :"schema".login_failures (expire);
