BEGIN TRANSACTION;
CREATE TABLE awakenings (
	id INTEGER NOT NULL, 
	start_ns BIGINT NOT NULL, 
	end_ns BIGINT NOT NULL, 
	probability DOUBLE NOT NULL, 
	recording_id VARCHAR NOT NULL, 
	night DATE NOT NULL, 
	CONSTRAINT pk_awakenings PRIMARY KEY (id), 
	CONSTRAINT fk_awakenings_recording_id FOREIGN KEY(recording_id) REFERENCES recordings (id) ON DELETE CASCADE
);
INSERT INTO "awakenings" VALUES(1,1795131000000000000,1795131060000000000,0.05,'slept','2026-11-19');
INSERT INTO "awakenings" VALUES(2,1795133580000000000,1795133705000000000,0.78,'slept','2026-11-19');
INSERT INTO "awakenings" VALUES(3,1795135620000000000,1795135660000000000,0.41,'slept','2026-11-19');
INSERT INTO "awakenings" VALUES(4,1795217400000000000,1795217460000000000,0.05,'awake','2026-11-20');
INSERT INTO "awakenings" VALUES(5,1795303800000000000,1795303860000000000,0.05,'long','2026-11-21');
CREATE TABLE coverage (
	id INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	start_ns BIGINT NOT NULL, 
	end_ns BIGINT NOT NULL, 
	recording_id VARCHAR NOT NULL, 
	night DATE NOT NULL, 
	CONSTRAINT pk_coverage PRIMARY KEY (id), 
	CONSTRAINT fk_coverage_recording_id FOREIGN KEY(recording_id) REFERENCES recordings (id) ON DELETE CASCADE
);
INSERT INTO "coverage" VALUES(1,'recorded',1795125600000000000,1795152600000000000,'slept','2026-11-19');
INSERT INTO "coverage" VALUES(2,'worn',1795125600000000000,1795147200000000000,'slept','2026-11-19');
INSERT INTO "coverage" VALUES(3,'recorded',1795212000000000000,1795239000000000000,'awake','2026-11-20');
INSERT INTO "coverage" VALUES(4,'worn',1795212000000000000,1795239000000000000,'awake','2026-11-20');
INSERT INTO "coverage" VALUES(5,'recorded',1795298400000000000,1795345200000000000,'long','2026-11-21');
INSERT INTO "coverage" VALUES(6,'recorded',1795345200000000000,1795369800000000000,'long','2026-11-21');
INSERT INTO "coverage" VALUES(7,'worn',1795298400000000000,1795345200000000000,'long','2026-11-21');
INSERT INTO "coverage" VALUES(8,'worn',1795345200000000000,1795369800000000000,'long','2026-11-21');
INSERT INTO "coverage" VALUES(9,'recorded',1795369800000000000,1795370400000000000,'long','2026-11-22');
INSERT INTO "coverage" VALUES(10,'worn',1795369800000000000,1795370400000000000,'long','2026-11-22');
INSERT INTO "coverage" VALUES(11,'searched',1795126500000000000,1795146600000000000,'slept','2026-11-19');
INSERT INTO "coverage" VALUES(12,'searched',1795299300000000000,1795345200000000000,'long','2026-11-21');
INSERT INTO "coverage" VALUES(13,'searched',1795345200000000000,1795369800000000000,'long','2026-11-21');
CREATE TABLE crampwatch_revision (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT crampwatch_revision_pkc PRIMARY KEY (version_num)
);
INSERT INTO "crampwatch_revision" VALUES('0002');
CREATE TABLE episodes (
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
	CONSTRAINT pk_episodes PRIMARY KEY (id), 
	CONSTRAINT fk_episodes_recording_id FOREIGN KEY(recording_id) REFERENCES recordings (id) ON DELETE CASCADE
);
INSERT INTO "episodes" VALUES('slept-1-likely-0',1795133580000000000,1795133705000000000,0.78,'likely',14.2,0,'{"out_of_rest": {"value": 312.0, "unit": "s", "contribution": 0.8}, "heart_rose": {"value": 14.2, "unit": "bpm", "contribution": 1.5}, "sat_up": {"value": 64.0, "unit": "deg", "contribution": 0.7}, "long_walk": {"value": 31.0, "unit": "s", "contribution": -0.3}, "off_wrist": {"value": 0.0, "unit": "1", "contribution": 0.0}}','slept','2026-11-19');
INSERT INTO "episodes" VALUES('slept-1-possible-0',1795135620000000000,1795135660000000000,0.41,'possible',NULL,0,'{"out_of_rest": {"value": 312.0, "unit": "s", "contribution": 0.8}, "heart_rose": {"value": null, "unit": "bpm", "contribution": 0.0}, "sat_up": {"value": 64.0, "unit": "deg", "contribution": 0.7}, "long_walk": {"value": 31.0, "unit": "s", "contribution": -0.3}, "off_wrist": {"value": 0.0, "unit": "1", "contribution": 0.0}}','slept','2026-11-19');
CREATE TABLE faults (
	id INTEGER NOT NULL, 
	kind VARCHAR(32) NOT NULL, 
	start_ns BIGINT NOT NULL, 
	end_ns BIGINT NOT NULL, 
	recording_id VARCHAR NOT NULL, 
	night DATE NOT NULL, 
	CONSTRAINT pk_faults PRIMARY KEY (id), 
	CONSTRAINT fk_faults_recording_id FOREIGN KEY(recording_id) REFERENCES recordings (id) ON DELETE CASCADE
);
INSERT INTO "faults" VALUES(1,'off_wrist',1795147200000000000,1795152600000000000,'slept','2026-11-19');
CREATE TABLE models (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	version VARCHAR NOT NULL, 
	CONSTRAINT pk_models PRIMARY KEY (id), 
	CONSTRAINT uq_models_name UNIQUE (name, version)
);
INSERT INTO "models" VALUES(1,'transparent','1');
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
	CONSTRAINT pk_recordings PRIMARY KEY (id), 
	CONSTRAINT fk_recordings_model_id FOREIGN KEY(model_id) REFERENCES models (id)
);
INSERT INTO "recordings" VALUES('slept','2026-11-19_left','Europe/Berlin','PineTime','left','',1795125600000000000,1795152600000000000,'2026-11-19',27000.0,21600.0,1,'73af3e829c04a7501dd57430b3f10aa2f9ed12b85eee4af1a596775a188df8df');
INSERT INTO "recordings" VALUES('awake','2026-11-20_left','Europe/Berlin','PineTime','left','',1795212000000000000,1795239000000000000,'2026-11-20',27000.0,27000.0,1,'d5f0cb00e6c7fc327914e788e4298dedc1d4b26ad7b6f23fc9d53ab309212166');
INSERT INTO "recordings" VALUES('long','2026-11-21_left','Europe/Berlin','PineTime','left','',1795298400000000000,1795370400000000000,'2026-11-21',72000.0,72000.0,1,'a9678c080afd6eaf5fb343fcd5da95252f5f44cc548fd1d178f47f3520a0a2c1');
CREATE TABLE sleeps (
	id INTEGER NOT NULL, 
	onset_ns BIGINT NOT NULL, 
	wake_ns BIGINT NOT NULL, 
	asleep_s DOUBLE NOT NULL, 
	recording_id VARCHAR NOT NULL, 
	night DATE NOT NULL, 
	CONSTRAINT pk_sleeps PRIMARY KEY (id), 
	CONSTRAINT fk_sleeps_recording_id FOREIGN KEY(recording_id) REFERENCES recordings (id) ON DELETE CASCADE
);
INSERT INTO "sleeps" VALUES(1,1795126500000000000,1795146600000000000,19440.0,'slept','2026-11-19');
INSERT INTO "sleeps" VALUES(2,1795299300000000000,1795369800000000000,64800.0,'long','2026-11-21');
CREATE INDEX ix_coverage_night_kind ON coverage (night, kind);
CREATE INDEX ix_coverage_recording_id ON coverage (recording_id);
CREATE INDEX ix_episodes_night_onset_ns ON episodes (night, onset_ns);
CREATE INDEX ix_episodes_recording_id ON episodes (recording_id);
CREATE INDEX ix_awakenings_night_start_ns ON awakenings (night, start_ns);
CREATE INDEX ix_awakenings_recording_id ON awakenings (recording_id);
CREATE INDEX ix_faults_night_start_ns ON faults (night, start_ns);
CREATE INDEX ix_faults_recording_id ON faults (recording_id);
CREATE INDEX ix_sleeps_night_onset_ns ON sleeps (night, onset_ns);
CREATE INDEX ix_sleeps_recording_id ON sleeps (recording_id);
CREATE INDEX ix_recordings_night ON recordings (night);
CREATE INDEX ix_recordings_model_id ON recordings (model_id);
COMMIT;
