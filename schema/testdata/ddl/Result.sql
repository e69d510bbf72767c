CREATE TABLE IF NOT EXISTS `djddl`.`__result` (
`id` int NOT NULL COMMENT "source id",
`method` varchar(16) NOT NULL COMMENT "method name",
`value` double NOT NULL COMMENT ":float64:the value",
`_job_start_time` datetime(3) DEFAULT NULL,
`_job_duration` float DEFAULT NULL,
`_job_version` varchar(64) DEFAULT '',
PRIMARY KEY (`id`, `method`),
FOREIGN KEY (`id`) REFERENCES `djddl`.`_source_info` (`id`) ON UPDATE CASCADE ON DELETE RESTRICT,
FOREIGN KEY (`method`) REFERENCES `djddl`.`#method` (`method`) ON UPDATE CASCADE ON DELETE RESTRICT
) ENGINE=InnoDB, COMMENT "computed table"
