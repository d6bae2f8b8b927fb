/** What its clock shows. */
export const TIME = 'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms';

/**
 * Those of the wanted accounts that nobody has a lease of, or of which this process has one without knowing, because the
 * answer was lost. Rows that others are claiming right now are passed over.
 */
export const CLAIM = `
with wanted as (select unnest($1::text[]) as account),
added as (
  insert into watchdog.lease (account, owner, token, until)
  select account, $2, 1, now() + $3::float8 * interval '1 millisecond' from wanted
  where not exists (select from watchdog.lease where lease.account = wanted.account)
  order by account
  on conflict (account) do nothing
  returning account, token
), free as (
  select account, owner from watchdog.lease
  where account = any($1::text[]) and (until < now() or owner = $2)
  order by account
  for update skip locked
), taken as (
  update watchdog.lease set owner = $2, token = token + 1, until = now() + $3::float8 * interval '1 millisecond'
  from free where lease.account = free.account
  returning lease.account, lease.token, nullif(free.owner, $2) as former
)
select account, token, null as former from added union all select account, token, former from taken`;

/**
 * Renews leases, also those that have ended, as long as nobody else has claimed them: their states are as they were left.
 * The rest is as it was right before.
 */
export const RENEW = `
with own as (
  select account from watchdog.lease where owner = $1 and account = any($2::text[]) order by account for update
), renewed as (
  update watchdog.lease set until = now() + $3::float8 * interval '1 millisecond'
  where account in (select account from own)
  returning account, token
), published as (
  insert into watchdog.replica (owner, until, news)
  select $1, now() + $3::float8 * interval '1 millisecond', $4::jsonb where $4 is not null
  on conflict (owner) do update set until = excluded.until, news = excluded.news
)
select 'own' as kind, account as name, token::text as text, 0::float8 as ms from renewed
union all
select 'now', '', null, (extract(epoch from now()) * 1000)::float8
union all
select 'foreign', account, owner, greatest(0, extract(epoch from until - now()) * 1000)::float8 from watchdog.lease
where $4 is not null and not (owner is not distinct from $1 and account = any($2::text[]))
union all
select 'replica', owner, news::text, (extract(epoch from until - now()) * 1000)::float8 from watchdog.replica
where $4 is not null and owner <> $1 and until > now()
union all
select 'config', fingerprint, null, (extract(epoch from now() - since) * 1000)::float8 from watchdog.config
where $4 is not null and (fingerprint = $4::jsonb->>'config'
  or fingerprint in (select news->>'config' from watchdog.replica where until > now()))`;

export const RELEASE = `
with own as (
  select account from watchdog.lease where owner = $1 and account = any($2::text[]) order by account for update
)
update watchdog.lease set owner = null, until = 'epoch' where account in (select account from own)`;

/**
 * No longer counts this replica among those that live, and forgets what is long gone. The last row of each name stays for a
 * month: it says which config that replica had.
 */
export const LEAVE = `
with forgotten as (
  delete from watchdog.replica as old
  where owner <> $1 and (until < now() - interval '30 days' or until < now() - interval '1 day' and exists (
    select from watchdog.replica as later where later.news->>'replica' = old.news->>'replica' and later.until > old.until
  ))
)
update watchdog.replica set until = now() where owner = $1`;

/**
 * A config that came in place of another one, while the process ran or while it was ended, is the newest, and so is one with
 * which a new replica starts; unless another replica has it already. One that starts with the config that it had before, as a
 * machine does that was away, brings nothing new.
 */
export const ANNOUNCE = `
with forgotten as (
  delete from watchdog.config
  where since < now() - interval '90 days' and fingerprint <> $1
    and fingerprint not in (select news->>'config' from watchdog.replica)
), former as (
  select news->>'config' as config from watchdog.replica
  where news->>'replica' = $4
  order by until desc limit 1
)
insert into watchdog.config as known (fingerprint, since) values ($1, now())
on conflict (fingerprint) do update set since = now()
where ($2::boolean or not exists (select from former where config = $1)) and not exists (
  select from watchdog.replica where news->>'config' = known.fingerprint and until > now() and owner <> $3
)`;
