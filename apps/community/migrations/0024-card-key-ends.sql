-- Versions of card keys end, and a stolen gate's door group gets one of its own at once.

-- Started for the cards of this door group only; absent: for all.
alter table card_key_version add column door_group smallint check (door_group between 1 and 13);
-- From then on its masters are gone.
alter table card_key_version add column ended_at timestamptz(3);

-- Versions between the two, which a card may carry too: a renewal to them was overtaken by another.
alter table credential add column passed_key_versions smallint[] not null default '{}'
  check (cardinality(passed_key_versions) <= 5);
-- Shows everybody a random number. Cannot be switched off on a card.
alter table credential add column hides_uid boolean not null default false
  check (not hides_uid or kind in ('desfire', 'ntag424'));
