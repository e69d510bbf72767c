CREATE TABLE IF NOT EXISTS `djddl`.`_source_info` (
`id` int NOT NULL COMMENT "source id",
`n` bigint NOT NULL DEFAULT '0' COMMENT ":int64:count",
`_job_start_time` datetime(3) DEFAULT NULL,
`_job_duration` float DEFAULT NULL,
`_job_version` varchar(64) DEFAULT '',
PRIMARY KEY (`id`),
FOREIGN KEY (`id`) REFERENCES `djddl`.`source` (`id`) ON UPDATE CASCADE ON DELETE RESTRICT
) ENGINE=InnoDB, COMMENT "imported table"
