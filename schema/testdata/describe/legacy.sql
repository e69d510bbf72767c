CREATE DATABASE people CHARACTER SET utf8mb4;
CREATE DATABASE lab CHARACTER SET utf8mb4;
CREATE TABLE people.`#person` (
`username` varchar(24) NOT NULL COMMENT "short name",
`full_name` varchar(255) NOT NULL COMMENT "",
PRIMARY KEY (`username`)
) ENGINE=InnoDB, COMMENT "who works here";
CREATE TABLE lab.`~log` (
`id` int auto_increment,
PRIMARY KEY (`id`)
) ENGINE=InnoDB;
CREATE TABLE lab.`~external_raw` (
`hash` binary(16) NOT NULL COMMENT ":uuid:hash of contents (blob), of filename + contents (attach), or relative filepath (filepath)",
`size` bigint unsigned NOT NULL COMMENT "size of object in bytes",
PRIMARY KEY (`hash`)
) ENGINE=InnoDB, COMMENT "external storage tracking";
CREATE TABLE lab.`subject` (
`subject_id` smallint unsigned NOT NULL COMMENT "institution's number",
`species` varchar(20) NOT NULL DEFAULT 'mouse' COMMENT "",
`sex` enum('M','F','U') NOT NULL DEFAULT 'U' COMMENT "",
`date_of_birth` date DEFAULT NULL COMMENT "if\tknown",
`weight` decimal(5,2) NOT NULL DEFAULT '0.00' COMMENT "g: grams",
`notes` varchar(4000) DEFAULT NULL COMMENT "",
`uid` binary(16) NOT NULL COMMENT ":uuid:world-wide number",
`entered` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT "",
PRIMARY KEY (`subject_id`),
UNIQUE INDEX (`uid`),
index(`species`,`sex`)
) ENGINE=InnoDB, COMMENT "animals";
CREATE TABLE lab.`session` (
`subject_id` smallint unsigned NOT NULL COMMENT "institution's number",
`session` int NOT NULL COMMENT "",
`session_ts` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP COMMENT "",
`rig` tinyint(4) NOT NULL COMMENT "",
`raw` binary(16) NOT NULL COMMENT ":blob@raw:raw data",
`protocol` longblob COMMENT ":attach:what was done",
`signal` longblob NOT NULL COMMENT "an array",
PRIMARY KEY (`subject_id`,`session`),
FOREIGN KEY (`subject_id`) REFERENCES `lab`.`subject` (`subject_id`) ON UPDATE CASCADE ON DELETE RESTRICT,
FOREIGN KEY (`raw`) REFERENCES `lab`.`~external_raw` (`hash`) ON UPDATE CASCADE ON DELETE RESTRICT
) ENGINE=InnoDB, COMMENT "";
CREATE TABLE lab.`session__channel` (
`subject_id` smallint unsigned NOT NULL COMMENT "institution's number",
`session` int NOT NULL COMMENT "",
`channel` tinyint unsigned NOT NULL COMMENT "",
`gain` float NOT NULL DEFAULT 1 COMMENT "",
`kind` mediumint(8) unsigned NOT NULL COMMENT "",
PRIMARY KEY (`subject_id`,`session`,`channel`),
FOREIGN KEY (`subject_id`,`session`) REFERENCES `lab`.`session` (`subject_id`,`session`) ON UPDATE CASCADE ON DELETE RESTRICT
) ENGINE=InnoDB, COMMENT "";
CREATE TABLE lab.`__unit` (
`subject_id` smallint unsigned NOT NULL COMMENT "",
`session` int NOT NULL COMMENT "",
`unit` smallint NOT NULL COMMENT "counting from 1",
`spikes` longblob NOT NULL COMMENT "times",
`_hidden` int DEFAULT 3 COMMENT "not for you",
PRIMARY KEY (`subject_id`,`session`,`unit`),
FOREIGN KEY (`subject_id`,`session`) REFERENCES `lab`.`session` (`subject_id`,`session`) ON UPDATE CASCADE ON DELETE RESTRICT
) ENGINE=InnoDB, COMMENT "";
CREATE TABLE lab.`__unit__loose` (
`loose` int NOT NULL,
PRIMARY KEY (`loose`)
) ENGINE=InnoDB, COMMENT "a part that does not refer to its master";
CREATE TABLE lab.`implant` (
`surgery` int NOT NULL AUTO_INCREMENT,
`animal` smallint unsigned NOT NULL COMMENT "institution's number",
`surgeon` varchar(24) COMMENT "short name",
`helper` varchar(24) DEFAULT NULL COMMENT "short name",
`donor` smallint unsigned NOT NULL DEFAULT 1 COMMENT "a default is no foreign key's",
`mentor` varchar(24) NOT NULL COMMENT "",
PRIMARY KEY (`surgery`),
UNIQUE INDEX (`animal`),
FOREIGN KEY (`animal`) REFERENCES `lab`.`subject` (`subject_id`) ON UPDATE CASCADE ON DELETE RESTRICT,
FOREIGN KEY (`surgeon`) REFERENCES `people`.`#person` (`username`) ON UPDATE CASCADE ON DELETE RESTRICT,
FOREIGN KEY (`helper`) REFERENCES `people`.`#person` (`username`) ON UPDATE CASCADE ON DELETE RESTRICT,
FOREIGN KEY (`donor`) REFERENCES `lab`.`subject` (`subject_id`) ON UPDATE CASCADE ON DELETE RESTRICT
) ENGINE=InnoDB, COMMENT ": a colon,
and two lines";
CREATE TABLE lab.`backwards` (
`note` text,
`session` int NOT NULL,
`subject_id` smallint unsigned NOT NULL,
PRIMARY KEY (`session`, `subject_id`),
INDEX (`note`(10)),
FOREIGN KEY (`subject_id`,`session`) REFERENCES `lab`.`session` (`subject_id`,`session`)
) ENGINE=InnoDB COMMENT 'a key in another order than its parent''s';
CREATE TABLE lab.`odd_keys` (
`id` int NOT NULL,
`boss` int DEFAULT NULL,
`uid` binary(16) NOT NULL,
`subject_id` smallint unsigned NOT NULL,
`session` int DEFAULT NULL,
`twin` varchar(24) NOT NULL,
PRIMARY KEY (`id`),
FOREIGN KEY (`boss`) REFERENCES `lab`.`odd_keys` (`id`),
FOREIGN KEY (`uid`) REFERENCES `lab`.`subject` (`uid`),
FOREIGN KEY (`subject_id`,`session`) REFERENCES `lab`.`session` (`subject_id`,`session`)
) ENGINE=InnoDB COMMENT 'foreign keys that no definition can say, and one of which a part may be null';
CREATE TABLE lab.`odd_defaults` (
`id` int NOT NULL,
`a` varchar(20) DEFAULT 'not null' COMMENT 'may be null all the same',
`b` int NOT NULL DEFAULT (1 + 2),
`c` varchar(20) NOT NULL DEFAULT 'a\\b',
`d` varchar(20) NOT NULL DEFAULT 'two
lines',
`e` varchar(20) NOT NULL DEFAULT 'it''s: # "x"',
`f` double NOT NULL DEFAULT 1e-10,
`g` bit(3) NOT NULL DEFAULT b'101',
PRIMARY KEY (`id`)
) ENGINE=InnoDB;
CREATE TABLE lab.`circle_a` (`a` int NOT NULL, `b` int NOT NULL, PRIMARY KEY (`a`)) ENGINE=InnoDB;
CREATE TABLE lab.`circle_b` (`a` int NOT NULL, `b` int NOT NULL, PRIMARY KEY (`b`), FOREIGN KEY (`a`) REFERENCES `circle_a` (`a`)) ENGINE=InnoDB;
ALTER TABLE lab.`circle_a` ADD FOREIGN KEY (`b`) REFERENCES `circle_b` (`b`);
CREATE TABLE lab.`Capital` (`id` int NOT NULL PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE lab.`of_capital` (`id` int NOT NULL PRIMARY KEY, FOREIGN KEY (`id`) REFERENCES `Capital` (`id`)) ENGINE=InnoDB;
CREATE TABLE lab.`capital_column` (`Id` int NOT NULL PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE lab.`keyless` (`id` int NOT NULL) ENGINE=InnoDB;
CREATE TABLE lab.`gone__part` (`id` int NOT NULL PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE lab.`_session` (`id` int NOT NULL PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE lab.`a_1` (`id` int NOT NULL PRIMARY KEY) ENGINE=InnoDB;
CREATE TABLE lab.`text_key` (`id` varchar(100) NOT NULL, `t` text NOT NULL, PRIMARY KEY (`id`, `t`(5))) ENGINE=InnoDB;
CREATE VIEW lab.`seen` AS SELECT subject_id FROM lab.subject;
CREATE TABLE lab.`#only` (
`_singleton` tinyint NOT NULL DEFAULT TRUE COMMENT ":bool:singleton primary key",
`v` int NOT NULL COMMENT ":int32:",
`file` json NOT NULL COMMENT ":<filepath@raw>:where",
`shape` longblob DEFAULT NULL COMMENT ":<Odd Name>:of a codec that cannot be",
PRIMARY KEY (`_singleton`)
) ENGINE=InnoDB;
