-- The gates agree on pseudonyms among themselves; nothing here leads from one to a credential.
drop table credential_pseudonym;
delete from server_secret where name = 'pseudonym-key';
