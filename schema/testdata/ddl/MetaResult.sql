CREATE TABLE IF NOT EXISTS `djddl`.`__meta_result` (
`id` int NOT NULL COMMENT "source id",
`value` double NOT NULL COMMENT ":float64:",
`_job_start_time` datetime(3) DEFAULT NULL,
`_job_duration` float DEFAULT NULL,
`_job_version` varchar(64) DEFAULT '',
PRIMARY KEY (`id`),
FOREIGN KEY (`id`) REFERENCES `djddl`.`source` (`id`) ON UPDATE CASCADE ON DELETE RESTRICT
) ENGINE=InnoDB, COMMENT "with job metadata"
