-- Where nothing opens without a PIN and another credential of the same person. That a PIN opens no outer door alone is no
-- setting: it follows from the area that an access point leads in from.

alter table access_point add column card_and_pin boolean not null default false;
