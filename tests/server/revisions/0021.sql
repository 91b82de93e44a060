BEGIN TRANSACTION;
CREATE TABLE "alert_events" (
	id INTEGER NOT NULL, 
	alert_id INTEGER NOT NULL, 
	wearer_id VARCHAR NOT NULL, 
	step VARCHAR(32) NOT NULL, 
	at_ns BIGINT NOT NULL, 
	who VARCHAR NOT NULL, 
	night DATE NOT NULL, 
	CONSTRAINT pk_alert_events PRIMARY KEY (id), 
	CONSTRAINT fk_alert_events_alert_id FOREIGN KEY(alert_id, wearer_id) REFERENCES alerts (id, wearer_id) ON DELETE CASCADE, 
	CONSTRAINT uq_alert_events_alert_id UNIQUE (alert_id, step, who)
);
INSERT INTO "alert_events" VALUES(1,1,'me','raised',1795370400000000000,'crampwatch','2026-11-21');
INSERT INTO "alert_events" VALUES(2,1,'me','seen',1795370460000000000,'wearer','2026-11-21');
CREATE TABLE alerts (
	id INTEGER NOT NULL, 
	wearer_id VARCHAR NOT NULL, 
	layer VARCHAR NOT NULL, 
	night DATE NOT NULL, 
	numbers JSON NOT NULL, 
	CONSTRAINT pk_alerts PRIMARY KEY (id), 
	CONSTRAINT fk_alerts_wearer_id FOREIGN KEY(wearer_id) REFERENCES wearers (id) ON DELETE CASCADE, 
	CONSTRAINT uq_alerts_wearer_id UNIQUE (wearer_id, layer, night), 
	CONSTRAINT uq_alerts_id UNIQUE (id, wearer_id)
);
INSERT INTO "alerts" VALUES(1,'me','sudden','2026-11-21','{"nights": 4}');
CREATE TABLE answers (
	id INTEGER NOT NULL, 
	wearer_id VARCHAR NOT NULL, 
	night DATE NOT NULL, 
	onset_ns BIGINT NOT NULL, 
	end_ns BIGINT NOT NULL, 
	asked BOOLEAN NOT NULL, 
	said VARCHAR(32) NOT NULL, 
	leg VARCHAR(32), 
	muscle VARCHAR(32), 
	pain INTEGER, 
	helped VARCHAR NOT NULL, 
	hurt_min DOUBLE, 
	given_ns BIGINT NOT NULL, 
	given_by VARCHAR NOT NULL, 
	CONSTRAINT pk_answers PRIMARY KEY (id), 
	CONSTRAINT fk_answers_wearer_id FOREIGN KEY(wearer_id) REFERENCES wearers (id) ON DELETE CASCADE, 
	CONSTRAINT uq_answers_wearer_id UNIQUE (wearer_id, onset_ns)
);
INSERT INTO "answers" VALUES(1,'me','2026-11-19',1795133580000000000,1795133705000000000,1,'yes','left','calf',6,'stretching',4.0,1795160000000000000,'wearer');
CREATE TABLE audit (
	id INTEGER NOT NULL, 
	wearer_id VARCHAR, 
	at_ns BIGINT NOT NULL, 
	who VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	what VARCHAR NOT NULL, 
	CONSTRAINT pk_audit PRIMARY KEY (id), 
	CONSTRAINT fk_audit_wearer_id FOREIGN KEY(wearer_id) REFERENCES wearers (id) ON DELETE CASCADE
);
CREATE TABLE "awakenings" (
	id INTEGER NOT NULL, 
	start_ns BIGINT NOT NULL, 
	end_ns BIGINT NOT NULL, 
	probability DOUBLE NOT NULL, 
	recording_id VARCHAR NOT NULL, 
	night DATE NOT NULL, 
	wearer_id VARCHAR NOT NULL, 
	got_up BOOLEAN NOT NULL, 
	others JSON NOT NULL, 
	CONSTRAINT pk_awakenings PRIMARY KEY (id), 
	CONSTRAINT fk_awakenings_recording_id FOREIGN KEY(recording_id, wearer_id) REFERENCES recordings (id, wearer_id) ON DELETE CASCADE
);
INSERT INTO "awakenings" VALUES(1,1795131000000000000,1795131060000000000,0.05,'slept','2026-11-19','me',0,'{}');
INSERT INTO "awakenings" VALUES(2,1795133580000000000,1795133705000000000,0.78,'slept','2026-11-19','me',0,'{}');
INSERT INTO "awakenings" VALUES(3,1795135620000000000,1795135660000000000,0.41,'slept','2026-11-19','me',0,'{}');
INSERT INTO "awakenings" VALUES(4,1795217400000000000,1795217460000000000,0.05,'awake','2026-11-20','me',0,'{}');
INSERT INTO "awakenings" VALUES(5,1795303800000000000,1795303860000000000,0.05,'long','2026-11-21','me',0,'{}');
CREATE TABLE "channels" (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	wearer_id VARCHAR NOT NULL, 
	person_id VARCHAR, 
	shown VARCHAR NOT NULL, 
	url VARCHAR NOT NULL, 
	p256dh VARCHAR, 
	auth VARCHAR, 
	wanted JSON NOT NULL, 
	agreed JSON NOT NULL, 
	added_ns BIGINT NOT NULL, 
	CONSTRAINT fk_channels_person_id FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE, 
	CONSTRAINT fk_channels_wearer_id FOREIGN KEY(wearer_id) REFERENCES wearers (id) ON DELETE CASCADE
);
INSERT INTO "channels" VALUES(1,'me',NULL,'Browser on Linux','https://push.example.org/send/abc','p256dh','auth','["morning", "alert", "fault"]','[]',1795370400000000000);
INSERT INTO "channels" VALUES(7,'me',NULL,'ntfy','ntfys://ntfy.example/cramps',NULL,NULL,'["alert"]','[]',1795370460000000000);
CREATE TABLE "coverage" (
	id INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	start_ns BIGINT NOT NULL, 
	end_ns BIGINT NOT NULL, 
	recording_id VARCHAR NOT NULL, 
	night DATE NOT NULL, 
	wearer_id VARCHAR NOT NULL, 
	CONSTRAINT pk_coverage PRIMARY KEY (id), 
	CONSTRAINT fk_coverage_recording_id FOREIGN KEY(recording_id, wearer_id) REFERENCES recordings (id, wearer_id) ON DELETE CASCADE
);
INSERT INTO "coverage" VALUES(1,'recorded',1795125600000000000,1795152600000000000,'slept','2026-11-19','me');
INSERT INTO "coverage" VALUES(2,'worn',1795125600000000000,1795147200000000000,'slept','2026-11-19','me');
INSERT INTO "coverage" VALUES(3,'recorded',1795212000000000000,1795239000000000000,'awake','2026-11-20','me');
INSERT INTO "coverage" VALUES(4,'worn',1795212000000000000,1795239000000000000,'awake','2026-11-20','me');
INSERT INTO "coverage" VALUES(5,'recorded',1795298400000000000,1795345200000000000,'long','2026-11-21','me');
INSERT INTO "coverage" VALUES(6,'recorded',1795345200000000000,1795369800000000000,'long','2026-11-21','me');
INSERT INTO "coverage" VALUES(7,'worn',1795298400000000000,1795345200000000000,'long','2026-11-21','me');
INSERT INTO "coverage" VALUES(8,'worn',1795345200000000000,1795369800000000000,'long','2026-11-21','me');
INSERT INTO "coverage" VALUES(9,'recorded',1795369800000000000,1795370400000000000,'long','2026-11-22','me');
INSERT INTO "coverage" VALUES(10,'worn',1795369800000000000,1795370400000000000,'long','2026-11-22','me');
INSERT INTO "coverage" VALUES(11,'searched',1795126500000000000,1795146600000000000,'slept','2026-11-19','me');
INSERT INTO "coverage" VALUES(12,'searched',1795299300000000000,1795345200000000000,'long','2026-11-21','me');
INSERT INTO "coverage" VALUES(13,'searched',1795345200000000000,1795369800000000000,'long','2026-11-21','me');
CREATE TABLE crampwatch_revision (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT crampwatch_revision_pkc PRIMARY KEY (version_num)
);
INSERT INTO "crampwatch_revision" VALUES('0021');
CREATE TABLE devices (
	id INTEGER NOT NULL, 
	wearer_id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	first_seen_ns BIGINT NOT NULL, 
	last_seen_ns BIGINT NOT NULL, 
	CONSTRAINT pk_devices PRIMARY KEY (id), 
	CONSTRAINT fk_devices_wearer_id FOREIGN KEY(wearer_id) REFERENCES wearers (id) ON DELETE CASCADE, 
	CONSTRAINT uq_devices_wearer_id UNIQUE (wearer_id, name, address)
);
INSERT INTO "devices" VALUES(1,'me','PineTime','','',1795125600000000000,1795370400000000000);
CREATE TABLE diary (
	id VARCHAR NOT NULL, 
	wearer_id VARCHAR NOT NULL, 
	day DATE NOT NULL, 
	kind VARCHAR NOT NULL, 
	payload JSON NOT NULL, 
	given_ns BIGINT NOT NULL, 
	given_by VARCHAR NOT NULL, 
	CONSTRAINT pk_diary PRIMARY KEY (id), 
	CONSTRAINT fk_diary_wearer_id FOREIGN KEY(wearer_id) REFERENCES wearers (id) ON DELETE CASCADE
);
CREATE TABLE "episodes" (
	id VARCHAR NOT NULL, 
	onset_ns BIGINT NOT NULL, 
	end_ns BIGINT NOT NULL, 
	probability DOUBLE NOT NULL, 
	standing VARCHAR(32) NOT NULL, 
	heart_rate_rise_bpm DOUBLE, 
	got_up BOOLEAN NOT NULL, 
	evidence JSON NOT NULL, 
	recording_id VARCHAR NOT NULL, 
	night DATE NOT NULL, 
	wearer_id VARCHAR NOT NULL, 
	others JSON NOT NULL, 
	CONSTRAINT pk_episodes PRIMARY KEY (id), 
	CONSTRAINT fk_episodes_recording_id FOREIGN KEY(recording_id, wearer_id) REFERENCES recordings (id, wearer_id) ON DELETE CASCADE
);
INSERT INTO "episodes" VALUES('slept-1-likely-0',1795133580000000000,1795133705000000000,0.78,'likely',14.2,0,'{"out_of_rest": {"value": 312.0, "unit": "s", "contribution": 0.8}, "heart_rose": {"value": 14.2, "unit": "bpm", "contribution": 1.5}, "sat_up": {"value": 64.0, "unit": "deg", "contribution": 0.7}, "long_walk": {"value": 31.0, "unit": "s", "contribution": -0.3}, "off_wrist": {"value": 0.0, "unit": "1", "contribution": 0.0}}','slept','2026-11-19','me','{}');
INSERT INTO "episodes" VALUES('slept-1-possible-0',1795135620000000000,1795135660000000000,0.41,'possible',NULL,0,'{"out_of_rest": {"value": 312.0, "unit": "s", "contribution": 0.8}, "heart_rose": {"value": null, "unit": "bpm", "contribution": 0.0}, "sat_up": {"value": 64.0, "unit": "deg", "contribution": 0.7}, "long_walk": {"value": 31.0, "unit": "s", "contribution": -0.3}, "off_wrist": {"value": 0.0, "unit": "1", "contribution": 0.0}}','slept','2026-11-19','me','{}');
CREATE TABLE "faults" (
	id INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	start_ns BIGINT NOT NULL, 
	end_ns BIGINT NOT NULL, 
	recording_id VARCHAR NOT NULL, 
	night DATE NOT NULL, 
	wearer_id VARCHAR NOT NULL, 
	CONSTRAINT pk_faults PRIMARY KEY (id), 
	CONSTRAINT fk_faults_recording_id FOREIGN KEY(recording_id, wearer_id) REFERENCES recordings (id, wearer_id) ON DELETE CASCADE
);
INSERT INTO "faults" VALUES(1,'off_wrist',1795147200000000000,1795152600000000000,'slept','2026-11-19','me');
CREATE TABLE "marks" (
	id INTEGER NOT NULL, 
	recording_id VARCHAR NOT NULL, 
	night DATE NOT NULL, 
	time_ns BIGINT NOT NULL, 
	label VARCHAR NOT NULL, 
	wearer_id VARCHAR NOT NULL, 
	CONSTRAINT pk_marks PRIMARY KEY (id), 
	CONSTRAINT fk_marks_recording_id FOREIGN KEY(recording_id, wearer_id) REFERENCES recordings (id, wearer_id) ON DELETE CASCADE
);
INSERT INTO "marks" VALUES(1,'slept','2026-11-19',1795133700000000000,'three taps: this was a cramp','me');
CREATE TABLE models (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	version VARCHAR NOT NULL, 
	CONSTRAINT pk_models PRIMARY KEY (id), 
	CONSTRAINT uq_models_name UNIQUE (name, version)
);
INSERT INTO "models" VALUES(1,'transparent','1');
CREATE TABLE night_changes (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	wearer_id VARCHAR NOT NULL, 
	night DATE NOT NULL, 
	CONSTRAINT fk_night_changes_wearer_id FOREIGN KEY(wearer_id) REFERENCES wearers (id) ON DELETE CASCADE, 
	CONSTRAINT uq_night_changes_wearer_id UNIQUE (wearer_id, night)
);
INSERT INTO "night_changes" VALUES(1,'me','2026-11-20');
CREATE TABLE nights_begun (
	wearer_id VARCHAR NOT NULL, 
	night DATE NOT NULL, 
	started_ns BIGINT NOT NULL, 
	timezone VARCHAR NOT NULL, 
	CONSTRAINT pk_nights_begun PRIMARY KEY (wearer_id, night), 
	CONSTRAINT fk_nights_begun_wearer_id FOREIGN KEY(wearer_id) REFERENCES wearers (id) ON DELETE CASCADE
);
INSERT INTO "nights_begun" VALUES('me','2026-10-24',1792875600000000000,'Europe/Berlin');
CREATE TABLE nights_going_on (
	wearer_id VARCHAR NOT NULL, 
	started_ns BIGINT NOT NULL, 
	timezone VARCHAR NOT NULL, 
	heard_ns BIGINT NOT NULL, 
	CONSTRAINT pk_nights_going_on PRIMARY KEY (wearer_id), 
	CONSTRAINT fk_nights_going_on_wearer_id FOREIGN KEY(wearer_id) REFERENCES wearers (id) ON DELETE CASCADE
);
INSERT INTO "nights_going_on" VALUES('me',1795384800000000000,'Europe/Berlin',1795384860000000000);
CREATE TABLE "notices" (
	id INTEGER NOT NULL, 
	wearer_id VARCHAR NOT NULL, 
	channel VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	text VARCHAR NOT NULL, 
	tries INTEGER NOT NULL, 
	next_try_ns BIGINT, 
	sent_ns BIGINT, 
	problem VARCHAR NOT NULL, 
	give_up_ns BIGINT NOT NULL, 
	CONSTRAINT pk_notices PRIMARY KEY (id), 
	CONSTRAINT fk_notices_wearer_id FOREIGN KEY(wearer_id) REFERENCES wearers (id) ON DELETE CASCADE, 
	CONSTRAINT uq_notices_wearer_id UNIQUE (wearer_id, channel, "key")
);
INSERT INTO "notices" VALUES(1,'me','e-mail','morning 21','Good morning',2,NULL,1795370460000000000,'',1795370460000000000);
INSERT INTO "notices" VALUES(2,'me','browser-1','alert:1','More than your usual',1,1795370520000000000,NULL,'no answer',1795456800000000000);
CREATE TABLE people (
	id VARCHAR NOT NULL, 
	wearer_id VARCHAR, 
	name VARCHAR NOT NULL, 
	role VARCHAR(32) NOT NULL, 
	password VARCHAR NOT NULL, 
	created_ns BIGINT NOT NULL, 
	CONSTRAINT pk_people PRIMARY KEY (id), 
	CONSTRAINT fk_people_wearer_id FOREIGN KEY(wearer_id) REFERENCES wearers (id) ON DELETE CASCADE
);
INSERT INTO "people" VALUES('owner',NULL,'Owner','owner','$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc$cQ',1795370400000000000);
CREATE TABLE provisional_episodes (
	id VARCHAR NOT NULL, 
	wearer_id VARCHAR NOT NULL, 
	started_ns BIGINT NOT NULL, 
	night DATE NOT NULL, 
	onset_ns BIGINT NOT NULL, 
	end_ns BIGINT NOT NULL, 
	probability DOUBLE NOT NULL, 
	standing VARCHAR(32) NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	settled BOOLEAN NOT NULL, 
	became VARCHAR, 
	told_ns BIGINT NOT NULL, 
	CONSTRAINT pk_provisional_episodes PRIMARY KEY (id), 
	CONSTRAINT fk_provisional_episodes_wearer_id FOREIGN KEY(wearer_id) REFERENCES wearers (id) ON DELETE CASCADE
);
CREATE TABLE recording_places (
	recording_id VARCHAR NOT NULL, 
	wearer_id VARCHAR NOT NULL, 
	path BLOB NOT NULL, 
	CONSTRAINT pk_recording_places PRIMARY KEY (recording_id), 
	CONSTRAINT fk_recording_places_recording_id FOREIGN KEY(recording_id, wearer_id) REFERENCES recordings (id, wearer_id) ON DELETE CASCADE
);
INSERT INTO "recording_places" VALUES('slept','me',X'2F686F6D652F6D652F6E69676874732F736C657074');
CREATE TABLE "recordings" (
	id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	timezone VARCHAR NOT NULL, 
	device VARCHAR NOT NULL, 
	wrist VARCHAR, 
	source VARCHAR NOT NULL, 
	start_ns BIGINT NOT NULL, 
	end_ns BIGINT NOT NULL, 
	night DATE NOT NULL, 
	recorded_s DOUBLE NOT NULL, 
	worn_s DOUBLE NOT NULL, 
	model_id INTEGER NOT NULL, 
	judgement VARCHAR NOT NULL, 
	wearer_id VARCHAR NOT NULL, personal VARCHAR, 
	CONSTRAINT pk_recordings PRIMARY KEY (id), 
	CONSTRAINT fk_recordings_model_id FOREIGN KEY(model_id) REFERENCES models (id), 
	CONSTRAINT fk_recordings_wearer_id FOREIGN KEY(wearer_id) REFERENCES wearers (id) ON DELETE CASCADE, 
	CONSTRAINT uq_recordings_id UNIQUE (id, wearer_id)
);
INSERT INTO "recordings" VALUES('slept','2026-11-19_left','Europe/Berlin','PineTime','left','',1795125600000000000,1795152600000000000,'2026-11-19',27000.0,21600.0,1,'73af3e829c04a7501dd57430b3f10aa2f9ed12b85eee4af1a596775a188df8df','me','3 answers');
INSERT INTO "recordings" VALUES('awake','2026-11-20_left','Europe/Berlin','PineTime','left','',1795212000000000000,1795239000000000000,'2026-11-20',27000.0,27000.0,1,'d5f0cb00e6c7fc327914e788e4298dedc1d4b26ad7b6f23fc9d53ab309212166','me',NULL);
INSERT INTO "recordings" VALUES('long','2026-11-21_left','Europe/Berlin','PineTime','left','',1795298400000000000,1795370400000000000,'2026-11-21',72000.0,72000.0,1,'a9678c080afd6eaf5fb343fcd5da95252f5f44cc548fd1d178f47f3520a0a2c1','me',NULL);
CREATE TABLE sessions (
	id VARCHAR NOT NULL, 
	wearer_id VARCHAR, 
	person_id VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	created_ns BIGINT NOT NULL, 
	used_ns BIGINT NOT NULL, 
	CONSTRAINT pk_sessions PRIMARY KEY (id), 
	CONSTRAINT fk_sessions_wearer_id FOREIGN KEY(wearer_id) REFERENCES wearers (id) ON DELETE CASCADE, 
	CONSTRAINT fk_sessions_person_id FOREIGN KEY(person_id) REFERENCES people (id) ON DELETE CASCADE, 
	CONSTRAINT uq_sessions_digest UNIQUE (digest)
);
INSERT INTO "sessions" VALUES('0c6f3a91be02',NULL,'owner','d1gest',1795370400000000000,1795370460000000000);
CREATE TABLE "sleeps" (
	id INTEGER NOT NULL, 
	onset_ns BIGINT NOT NULL, 
	wake_ns BIGINT NOT NULL, 
	asleep_s DOUBLE NOT NULL, 
	recording_id VARCHAR NOT NULL, 
	night DATE NOT NULL, 
	wearer_id VARCHAR NOT NULL, 
	CONSTRAINT pk_sleeps PRIMARY KEY (id), 
	CONSTRAINT fk_sleeps_recording_id FOREIGN KEY(recording_id, wearer_id) REFERENCES recordings (id, wearer_id) ON DELETE CASCADE
);
INSERT INTO "sleeps" VALUES(1,1795126500000000000,1795146600000000000,19440.0,'slept','2026-11-19','me');
INSERT INTO "sleeps" VALUES(2,1795299300000000000,1795369800000000000,64800.0,'long','2026-11-21','me');
CREATE TABLE tokens (
	id VARCHAR NOT NULL, 
	wearer_id VARCHAR, 
	name VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	role VARCHAR(32) NOT NULL, 
	scopes JSON NOT NULL, 
	created_ns BIGINT NOT NULL, 
	expires_ns BIGINT, 
	revoked_ns BIGINT, 
	CONSTRAINT pk_tokens PRIMARY KEY (id), 
	CONSTRAINT fk_tokens_wearer_id FOREIGN KEY(wearer_id) REFERENCES wearers (id) ON DELETE CASCADE, 
	CONSTRAINT uq_tokens_digest UNIQUE (digest)
);
CREATE TABLE trials (
	id VARCHAR NOT NULL, 
	wearer_id VARCHAR NOT NULL, 
	habit VARCHAR NOT NULL, 
	first_night DATE NOT NULL, 
	pairs INTEGER NOT NULL, 
	seed INTEGER NOT NULL, 
	stopped DATE, 
	planned_ns BIGINT NOT NULL, 
	planned_by VARCHAR NOT NULL, 
	CONSTRAINT pk_trials PRIMARY KEY (id), 
	CONSTRAINT fk_trials_wearer_id FOREIGN KEY(wearer_id) REFERENCES wearers (id) ON DELETE CASCADE
);
INSERT INTO "trials" VALUES('trial-1','me','calf_stretches','2026-11-20',2,7,NULL,1795370460000000000,'owner');
CREATE TABLE uploads (
	id VARCHAR NOT NULL, 
	wearer_id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	timezone VARCHAR NOT NULL, 
	bytes BIGINT NOT NULL, 
	sha256 VARCHAR NOT NULL, 
	state VARCHAR(32) NOT NULL, 
	problem VARCHAR NOT NULL, 
	remarks JSON NOT NULL, 
	recording_id VARCHAR, 
	received_ns BIGINT NOT NULL, 
	finished_ns BIGINT, 
	CONSTRAINT pk_uploads PRIMARY KEY (id), 
	CONSTRAINT fk_uploads_wearer_id FOREIGN KEY(wearer_id) REFERENCES wearers (id) ON DELETE CASCADE
);
INSERT INTO "uploads" VALUES('up-1','me','night.zip','Europe/Berlin',1048576,'00ff','failed','holds no recording','[]',NULL,1795370460000000000,1795370461000000000);
CREATE TABLE wearers (
	id VARCHAR NOT NULL, 
	name VARCHAR NOT NULL, 
	timezone VARCHAR NOT NULL, language VARCHAR, season VARCHAR(32), 
	CONSTRAINT pk_wearers PRIMARY KEY (id)
);
INSERT INTO "wearers" VALUES('me','Me','Europe/Berlin',NULL,'south');
CREATE INDEX ix_recordings_model_id ON recordings (model_id);
CREATE INDEX ix_recordings_wearer_id_night ON recordings (wearer_id, night);
CREATE INDEX ix_sleeps_recording_id ON sleeps (recording_id);
CREATE INDEX ix_sleeps_wearer_id_night_onset_ns ON sleeps (wearer_id, night, onset_ns);
CREATE INDEX ix_coverage_recording_id ON coverage (recording_id);
CREATE INDEX ix_coverage_wearer_id_night_kind ON coverage (wearer_id, night, kind);
CREATE INDEX ix_marks_recording_id ON marks (recording_id);
CREATE INDEX ix_marks_wearer_id_night_time_ns ON marks (wearer_id, night, time_ns);
CREATE INDEX ix_faults_recording_id ON faults (recording_id);
CREATE INDEX ix_faults_wearer_id_night_start_ns ON faults (wearer_id, night, start_ns);
CREATE INDEX ix_provisional_episodes_wearer_id_started_ns ON provisional_episodes (wearer_id, started_ns);
CREATE INDEX ix_provisional_episodes_wearer_id_night ON provisional_episodes (wearer_id, night);
CREATE INDEX ix_answers_wearer_id_night ON answers (wearer_id, night);
CREATE INDEX ix_diary_wearer_id_day ON diary (wearer_id, day);
CREATE INDEX ix_tokens_wearer_id ON tokens (wearer_id);
CREATE INDEX ix_audit_wearer_id_at_ns ON audit (wearer_id, at_ns);
CREATE INDEX ix_episodes_recording_id ON episodes (recording_id);
CREATE INDEX ix_episodes_wearer_id_night_onset_ns ON episodes (wearer_id, night, onset_ns);
CREATE INDEX ix_people_wearer_id ON people (wearer_id);
CREATE INDEX ix_sessions_wearer_id ON sessions (wearer_id);
CREATE INDEX ix_sessions_person_id ON sessions (person_id);
CREATE INDEX ix_notices_next_try_ns ON notices (next_try_ns);
CREATE INDEX ix_uploads_wearer_id_received_ns ON uploads (wearer_id, received_ns);
CREATE INDEX ix_recording_places_wearer_id ON recording_places (wearer_id);
CREATE INDEX ix_night_changes_wearer_id_id ON night_changes (wearer_id, id);
CREATE INDEX ix_trials_wearer_id_first_night ON trials (wearer_id, first_night);
CREATE INDEX ix_channels_wearer_id ON channels (wearer_id);
CREATE INDEX ix_channels_person_id ON channels (person_id);
CREATE INDEX ix_awakenings_wearer_id_night_start_ns ON awakenings (wearer_id, night, start_ns);
CREATE INDEX ix_awakenings_recording_id ON awakenings (recording_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('night_changes',1);
INSERT INTO "sqlite_sequence" VALUES('channels',7);
COMMIT;
