CREATE TABLE IF NOT EXISTS `djddl`.`__uk_child` (
`u` binary(16) NOT NULL COMMENT ":uuid:uuid key",
`e` enum('a','b') NOT NULL COMMENT "enum in key",
`dt` datetime(3) NOT NULL COMMENT "datetime key",
`x` float DEFAULT NULL COMMENT ":float32:",
`_job_start_time` datetime(3) DEFAULT NULL,
`_job_duration` float DEFAULT NULL,
`_job_version` varchar(64) DEFAULT '',
PRIMARY KEY (`u`, `e`, `dt`),
FOREIGN KEY (`u`, `e`, `dt`) REFERENCES `djddl`.`uk` (`u`, `e`, `dt`) ON UPDATE CASCADE ON DELETE RESTRICT
) ENGINE=InnoDB, COMMENT "child of uuid key"
