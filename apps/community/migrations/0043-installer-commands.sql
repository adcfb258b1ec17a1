-- What installers ask of gates. The words of commands are those of packages/wire, which grow.
alter table command
  drop constraint command_kind_check,
  add column for_ms integer,
  add column wire text,
  add column wire_state text,
  add column report jsonb;
