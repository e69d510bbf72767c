CREATE TABLE `__result` (
  `id` int(11) NOT NULL COMMENT 'source id',
  `method` varchar(16) NOT NULL COMMENT 'method name',
  `value` double NOT NULL COMMENT ':float64:the value',
  `_job_start_time` datetime(3) DEFAULT NULL,
  `_job_duration` float DEFAULT NULL,
  `_job_version` varchar(64) DEFAULT '',
  PRIMARY KEY (`id`,`method`),
  KEY `method` (`method`),
  CONSTRAINT `__result_ibfk_1` FOREIGN KEY (`id`) REFERENCES `_source_info` (`id`) ON UPDATE CASCADE,
  CONSTRAINT `__result_ibfk_2` FOREIGN KEY (`method`) REFERENCES `#method` (`method`) ON UPDATE CASCADE
) ENGINE=InnoDB COMMENT='computed table'
