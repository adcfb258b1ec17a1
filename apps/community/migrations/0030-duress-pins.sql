-- A second PIN for whoever is forced to open: it does what the first does, and calls the guards.
create table duress_pin (
  -- The PIN that it stands for.
  credential_id uuid primary key references credential on delete cascade,
  -- What gates know it by, 16 bytes under the server's storage key: the database alone does not tell that there is one.
  sealed_key bytea not null
);

-- PINs are looked up by another hash from now on (docs/decisions/0006-pins.md); none can be turned into it, since none is
-- kept. Their holders get new ones.
update model_part set version = version + 1 where part = 'credentials';
update credential set state = 'blocked', state_changed_at = now(), revision = revision + 1,
  model_version = (select version from model_part where part = 'credentials')
where kind = 'pin' and state = 'active';
